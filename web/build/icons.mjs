import { Buffer } from 'node:buffer';
import { crc32, deflateSync } from 'node:zlib';

/** The picture of `public/app/icon.svg`, in its units: a square of 32. */
const GROUND = { red: 0x24, green: 0x56, blue: 0xc7 };
const DOTS = [
  { x: 11, y: 19, radius: 5, opacity: 0.95 },
  { x: 20, y: 12, radius: 4, opacity: 0.8 },
  { x: 22, y: 22, radius: 2.6, opacity: 0.6 },
];
const SIDE = 32;
const CORNER = 7;
/**
 * Files of the application's icon for systems that take no SVG: name -> PNG.
 * @returns {[name: string, png: Buffer][]}
 */
const icons = () => [
  ['icon-192.png', png(192, { scale: 1, rounded: true })],
  ['icon-512.png', png(512, { scale: 1, rounded: true })],
  // Systems cut these to a shape of their own: what is drawn lies within the middle 80 %.
  ['icon-maskable-512.png', png(512, { scale: 0.8, rounded: false })],
  ['icon-apple-180.png', png(180, { scale: 0.9, rounded: false })],
];

/**
 * Draws the icons into the build.
 * @returns {import('vite').Plugin}
 */
export const pictureIcons = () => ({
  name: 'picture-icons',
  apply: 'build',
  generateBundle() {
    for (const [name, source] of icons()) this.emitFile({ type: 'asset', fileName: `app/${name}`, source });
  },
});

/** How much of a pixel lies within an edge that is `distance` units outside of its middle (negative: inside). */
const coverage = (distance, pixelsPerUnit) => Math.min(1, Math.max(0, 0.5 - distance * pixelsPerUnit));

/** Distance of a coordinate from the part of the square that its round corners leave straight. */
const beyondStraight = (value) => Math.max(CORNER - value, value - (SIDE - CORNER), 0);

/** An RGBA PNG (W3C PNG, 5 and 11) of so many pixels a side, with soft edges. */
function png(side, { scale, rounded }) {
  const pixelsPerUnit = side / SIDE;
  const rows = Buffer.alloc(side * (side * 4 + 1));
  for (let row = 0; row < side; row += 1)
    for (let column = 0; column < side; column += 1) {
      const [x, y] = [(column + 0.5) / pixelsPerUnit, (row + 0.5) / pixelsPerUnit];
      let white = 0;
      for (const dot of DOTS) {
        const distance = Math.hypot(
          (x - SIDE / 2) / scale + SIDE / 2 - dot.x,
          (y - SIDE / 2) / scale + SIDE / 2 - dot.y,
        );
        white = Math.max(white, dot.opacity * coverage(distance - dot.radius, pixelsPerUnit * scale));
      }
      const corner = Math.hypot(beyondStraight(x), beyondStraight(y)) - CORNER;
      const at = row * (side * 4 + 1) + 1 + column * 4;
      const { red, green, blue } = GROUND;
      rows.set(
        [red, green, blue].map((ground) => Math.round(ground + (255 - ground) * white)),
        at,
      );
      rows[at + 3] = rounded ? Math.round(255 * coverage(corner, pixelsPerUnit)) : 255;
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')]);
}

function chunk(type, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
