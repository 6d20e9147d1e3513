// Pictures on their way to the server: PNG files as base64.

/** What the canvas shows. */
export function ofCanvas(canvas) {
  return canvas.toDataURL("image/png").split(",")[1];
}

/** A canvas of as many pixels as the matrix has numbers, grey from 0 to 1. */
export function canvasOf(pixels) {
  const [height, width] = [pixels.length, pixels[0].length];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const image = new ImageData(width, height);
  pixels.flat().forEach((n, index) => {
    const level = Math.round(255 * n);
    image.data.set([level, level, level, 255], 4 * index);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** A file's bytes. */
export function ofFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
