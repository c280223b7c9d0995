// Rows are chosen by their boxes; a change tells the server which ones.
element.addEventListener("change", (event) => {
  if (!event.target.matches("[data-key]")) return;
  const boxes = [...element.querySelectorAll("[data-key]")];
  trigger("input", {
    chosen: boxes.filter((box) => box.checked).map((box) => box.dataset.key),
  });
});
