"""What a browser tells about the looks of a page; an empty list is good."""

# Visible text whose contrast with the nearest opaque background is below WCAG's AA.
CONTRAST = """() => {
  const numbers = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) =>
    v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
  ).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest("style, script, footer, svg, :disabled")) continue;
    const style = getComputedStyle(element);
    let behind = element, back = [0, 0, 0, 0];
    while (behind) {
      back = numbers(getComputedStyle(behind).backgroundColor);
      if (back.length >= 3 && (back.length === 3 || back[3] > 0.9)) break;
      behind = behind.parentElement;
    }
    const [one, two] = [light(numbers(style.color)), behind ? light(back) : 1];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.7 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      found.push([element.innerText.slice(0, 40), ratio.toFixed(2), style.color,
        String(back)].join(" | "));
  }
  return [...new Set(found)];
}"""
# Names that are wider than their cards.
OUTSIDE = """() => [...document.querySelectorAll(".mmp-card .mmp-name")]
  .filter((name) => name.getBoundingClientRect().right >
    name.closest(".mmp-card").getBoundingClientRect().right + 1).length"""
# Buttons and pictures without a name that is read out.
UNNAMED = """() => [...document.querySelectorAll("button, img, input, [role=tab]")]
  .filter((one) => one.checkVisibility() && one.type !== "hidden")
  .filter((one) => !(one.getAttribute("aria-label") || one.innerText || one.alt ||
    one.title || one.labels?.length || one.getAttribute("aria-labelledby") ||
    one.placeholder))
  .map((one) => one.outerHTML.slice(0, 160))"""
