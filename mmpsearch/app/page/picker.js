// A person is clicked, or a box is drawn; the server is told either.
const FEWEST = 8; // pixels of the screen that a box has at least
let begin = null;

// Shows who is looked for; the server does not send the picture again for that.
const mark = (button, box) => {
  for (const one of element.querySelectorAll("[data-person]"))
    one.setAttribute("aria-pressed", one === button);
  element.querySelector(".mmp-drawn")?.remove();
  if (!box) return;
  const drawn = box.cloneNode();
  drawn.className = "mmp-drawn";
  box.hidden = true;
  scene().append(drawn);
};

const scene = () => element.querySelector(".mmp-scene");
const share = (event) => {
  const area = scene().getBoundingClientRect();
  const cut = (value) => Math.min(1, Math.max(0, value));
  return [
    cut((event.clientX - area.left) / area.width),
    cut((event.clientY - area.top) / area.height),
  ];
};

element.addEventListener("pointerdown", (event) => {
  if (!scene() || !scene().contains(event.target) || event.button !== 0) return;
  // a finger scrolls the page, unless it was said that it draws
  if (event.pointerType !== "mouse" && !scene().classList.contains("pen")) return;
  begin = { at: share(event), x: event.clientX, y: event.clientY, drawn: false };
});

element.addEventListener("pointermove", (event) => {
  if (!begin) return;
  const far = Math.hypot(event.clientX - begin.x, event.clientY - begin.y) > FEWEST;
  if (!far && !begin.drawn) return;
  if (!begin.drawn) scene().setPointerCapture(event.pointerId);
  begin.drawn = true;
  const [x, y] = share(event);
  const box = scene().querySelector(".mmp-drawing");
  box.hidden = false;
  box.style.left = 100 * Math.min(x, begin.at[0]) + "%";
  box.style.top = 100 * Math.min(y, begin.at[1]) + "%";
  box.style.width = 100 * Math.abs(x - begin.at[0]) + "%";
  box.style.height = 100 * Math.abs(y - begin.at[1]) + "%";
});

element.addEventListener("pointerup", (event) => {
  const started = begin;
  begin = null;
  if (!started || !started.drawn) return;
  element.dataset.drawn = Date.now();
  const [x, y] = share(event);
  const width = Number(scene().dataset.width);
  const height = Number(scene().dataset.height);
  mark(null, scene().querySelector(".mmp-drawing"));
  trigger("click", {
    box: [
      Math.min(x, started.at[0]) * width,
      Math.min(y, started.at[1]) * height,
      Math.max(x, started.at[0]) * width,
      Math.max(y, started.at[1]) * height,
    ],
  });
});

element.addEventListener("pointercancel", () => {
  begin = null;
});

element.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !begin) return;
  begin = null;
  scene().querySelector(".mmp-drawing").hidden = true;
});

element.addEventListener("click", (event) => {
  const pen = event.target.closest(".mmp-pen");
  if (pen) {
    const draws = scene().classList.toggle("pen");
    pen.setAttribute("aria-pressed", draws);
    return;
  }
  const button = event.target.closest("[data-person]");
  // the click at the end of a drawn box is none
  if (!button || Date.now() - Number(element.dataset.drawn || 0) < 300) return;
  mark(button);
  trigger("click", { person: Number(button.dataset.person) });
});
