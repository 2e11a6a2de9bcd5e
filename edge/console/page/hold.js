/** A button that acts while it is held, by finger, mouse or space bar; let go whatever happens. */

const TYPES = "input, select, textarea, button, a, summary";

/**
 * down(), up(): called in turns. anywhere: the space bar works on the whole page, not on this button alone.
 * Returns a function that lets go: for when the connection is lost, say.
 */
export function hold(button, down, up, { anywhere = false } = {}) {
  let by = null; // what holds it: a pointer's id, or "key"

  const press = (who) => {
    if (by !== null || button.getAttribute("aria-disabled") === "true") return;
    by = who;
    button.classList.add("held");
    down();
  };
  const release = () => {
    if (by === null) return;
    by = null;
    button.classList.remove("held");
    up();
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId); // to see it go outside of the window, too
    press(event.pointerId);
  });
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch
  button.addEventListener("lostpointercapture", (event) => event.pointerId === by && release());
  // Seen twice: a button that sticks is the worst that can happen here.
  for (const kind of ["pointerup", "pointercancel"])
    addEventListener(kind, (event) => event.pointerId === by && release(), true);

  addEventListener("keydown", (event) => {
    const mine = event.target === button || (anywhere && !event.target.closest?.(TYPES));
    if (event.code !== "Space" || !mine || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // no scrolling, no click
    if (!event.repeat) press("key");
  });
  addEventListener("keyup", (event) => {
    if (event.code === "Space" && by === "key") {
      event.preventDefault();
      release();
    }
  });

  // Where the page no longer sees the finger go, it has gone.
  addEventListener("blur", release);
  addEventListener("pagehide", release);
  document.addEventListener("visibilitychange", () => document.hidden && release());
  return release;
}

/** A button that has to be held for `ms` before it acts; `down` is called then, `up` when it is let go after that. */
export function holdFirm(button, ms, down, up) {
  let timer = null;
  let acted = false;
  button.style.setProperty("--hold", `${ms}ms`);
  return hold(
    button,
    () => {
      acted = false;
      timer = setTimeout(() => {
        acted = true;
        down();
      }, ms);
    },
    () => {
      clearTimeout(timer);
      if (acted) up();
    },
  );
}
