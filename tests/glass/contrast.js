// A page's own arithmetic: WCAG 2.2, "relative luminance" and "contrast ratio". A canvas turns any notation of a colour
// into red, green and blue.
function rgba(color) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
function brightness(color) {
  const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = [...rgba(color)].map(c => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function background(element) {
  const color = getComputedStyle(element).backgroundColor;
  return rgba(color)[3] === 255 || !element.parentElement ? color : background(element.parentElement);
}
function contrast(element) {
  const both = [getComputedStyle(element).color, background(element)].map(brightness).sort((a, b) => b - a);
  return (both[0] + 0.05) / (both[1] + 0.05);
}
function illegible(least) {
  const has_text = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll("body *")]
      .filter(element => element.checkVisibility() && has_text(element) && contrast(element) < least)
      .map(element => `${element.outerHTML.slice(0, 120)} ${contrast(element)}`);
}
