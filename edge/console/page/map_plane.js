/** The plane of a map: degrees to metres about a middle, and a window on it that is moved and enlarged. Pure. */

const RADIUS = 6378137, DEGREE = Math.PI / 180, FLAT = 1 / 298.257223563;
const ECCENTRIC = FLAT * (2 - FLAT);
const LEAST = 0.02, MOST = 200; // m per pixel: a footprint, and a county

/** Places near a middle, true to 1 in 10,000 within 30 km: metres along the meridian and the parallel of the middle (WGS84;
    CGCS2000 differs by less than a metre). */
export class Plane {
  #lon; #lat; #east; #north;

  constructor([lon, lat]) {
    [this.#lon, this.#lat] = [lon, lat];
    const sine = Math.sin(lat * DEGREE), bent = 1 - ECCENTRIC * sine * sine;
    this.#north = (RADIUS * (1 - ECCENTRIC)) / bent ** 1.5 * DEGREE;
    this.#east = (RADIUS / Math.sqrt(bent)) * Math.cos(lat * DEGREE) * DEGREE;
  }

  /** x to the east and y to the south, m. */
  xy = ([lon, lat]) => [(lon - this.#lon) * this.#east, (this.#lat - lat) * this.#north];
  lonlat = ([x, y]) => [this.#lon + x / this.#east, this.#lat - y / this.#north];
}

/** What is seen: the middle in m, and m per pixel. */
export class Window {
  x = 0; y = 0; scale = 1; width = 1; height = 1;

  /** Everything within, with a margin. */
  fit(points) {
    const [xs, ys] = [0, 1].map((axis) => points.map((each) => each[axis]));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    [this.x, this.y] = [(left + right) / 2, (top + bottom) / 2];
    this.#set(Math.max((right - left) / this.width, (bottom - top) / this.height, 0.2) * 1.2);
  }

  /** By so many pixels. */
  drag(across, down) {
    this.x -= across * this.scale;
    this.y -= down * this.scale;
  }

  /** factor: below 1 is closer; what is at this pixel stays there. */
  zoom(factor, at = [this.width / 2, this.height / 2]) {
    const before = this.place(at);
    this.#set(this.scale * factor);
    const after = this.place(at);
    this.x += before[0] - after[0];
    this.y += before[1] - after[1];
  }

  /** m of a pixel. */
  place = ([across, down]) => [this.x + (across - this.width / 2) * this.scale, this.y + (down - this.height / 2) * this.scale];

  get box() {
    const [x, y] = this.place([0, 0]);
    return `${x} ${y} ${this.width * this.scale} ${this.height * this.scale}`;
  }

  #set(scale) {
    this.scale = Math.min(MOST, Math.max(LEAST, scale));
  }
}

/** The longest of 1, 2, 5 times a power of ten that is not longer. */
export function rounded(metres) {
  const power = 10 ** Math.floor(Math.log10(metres));
  return [5, 2, 1].map((each) => each * power).find((each) => each <= metres);
}
