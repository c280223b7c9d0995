// Buttons that say in data-do and data-id what they do; and dialogs.
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) {
    element.querySelector("dialog").close();
    return;
  }
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const dialog = button.closest("dialog");
  if (dialog && button.dataset.do === "look") dialog.close();
  trigger("click", { do: button.dataset.do, id: button.dataset.id });
});

watch("value", () => {
  const dialog = element.querySelector("dialog");
  if (dialog && !dialog.open) dialog.showModal();
});
