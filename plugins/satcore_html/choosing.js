// What the reader chose: by dimension, the codes of the labels to show. Where nothing is chosen of
// a dimension, all of it is shown. The choice stands in the address behind "?", so that a link
// keeps it: report.html#metric-2?region=East&wave=2026-01.
const NONE = "!none"; // behind a dimension's name: answers that gave no label

const choosing = (() => {
  const panel = document.getElementById("choose");
  const axes = panel ? [...panel.querySelectorAll(".axis")] : [];
  const boxesOf = (axis) => [...axis.querySelectorAll("input[type=checkbox]")];
  const boxes = axes.map(boxesOf);
  let chosen = new Map(); // the dimension's number -> the numbers of its labels
  let known = new Map();
  let heard = () => {};

  const say = (key, values) => WORDS[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

  const wave = String(axes.findIndex((axis) => "wave" in axis.dataset));

  const passesCell = (cell, besides) =>
    cell.split(",").every((pair) => {
      const [axis, label] = pair.split(":");
      const wanted = chosen.get(axis);
      return !wanted || wanted.has(label) || axis === besides;
    });

  // Whether a row is left out for its wave alone.
  const lacksWave = (place) =>
    !passes(place) && place.split("|").some((cell) => passesCell(cell, wave));

  // Whether a row of some place is shown; what stands in no dimension always is.
  const passes = (place) => {
    if (!place || !chosen.size) return true;
    let found = known.get(place);
    if (found === undefined) {
      found = place.split("|").some((cell) => passesCell(cell));
      known.set(place, found);
    }
    return found;
  };

  const labelOf = (box) => box.parentElement.querySelector("span").textContent;

  const MOST_NAMED = 6;

  const named = (place) => {
    const labels = boxes[place].filter((box) => box.checked).map(labelOf);
    const first = labels.slice(0, MOST_NAMED).join(WORDS.separator);
    const count = labels.length - MOST_NAMED;
    return count > 0 ? say("chosen_more", { labels: first, count }) : first;
  };

  const take = () => {
    chosen = new Map();
    known = new Map();
    axes.forEach((axis, place) => {
      const checked = boxes[place].filter((box) => box.checked);
      const all = boxes[place].length;
      if (checked.length) {
        chosen.set(String(place), new Set(checked.map((box) => box.dataset.code.split(":")[1])));
      }
      axis.classList.toggle("some", checked.length > 0);
      axis.querySelector(".state").textContent = checked.length
        ? say("choose_some", { count: checked.length, all })
        : WORDS.choose_all;
    });
    panel.classList.toggle("some", chosen.size > 0);
    panel.querySelector(".clear").hidden = !chosen.size;
  };

  // The address

  const anchored = () => location.hash.slice(1).split("?");

  const asQuery = () => {
    const query = new URLSearchParams();
    axes.forEach((axis, place) => {
      for (const box of boxes[place]) {
        if (!box.checked) continue;
        if ("none" in box.dataset) query.append(axis.dataset.axis + NONE, "");
        else query.append(axis.dataset.axis, box.value);
      }
    });
    return query.toString();
  };

  const write = (anchor) => {
    const query = asQuery();
    const hash = query ? `#${anchor}?${query}` : anchor ? `#${anchor}` : "#";
    if (location.hash !== hash && (hash !== "#" || location.hash)) history.replaceState(null, "", hash);
  };

  const read = () => {
    const query = new URLSearchParams(anchored().slice(1).join("?"));
    axes.forEach((axis, place) => {
      const wanted = new Set(query.getAll(axis.dataset.axis));
      const none = query.has(axis.dataset.axis + NONE);
      for (const box of boxes[place]) {
        box.checked = "none" in box.dataset ? none : wanted.has(box.value);
      }
    });
  };

  const go = (anchor) => {
    const target = anchor && document.getElementById(anchor);
    if (target) target.scrollIntoView();
  };

  const status = (counts) => {
    const told = panel.querySelector(".chosen");
    if (!chosen.size) {
      told.textContent = WORDS.chosen_all;
      return;
    }
    const parts = axes.flatMap((axis, place) =>
      chosen.has(String(place))
        ? [say("chosen_axis", { axis: axis.dataset.title, labels: named(place) })]
        : [],
    );
    told.textContent = say("chosen_some", { choice: parts.join(WORDS.semicolon), ...counts });
  };

  const changed = async () => {
    take();
    status(await heard());
  };

  const start = async (listener) => {
    heard = listener;
    if (!panel) {
      await heard();
      return;
    }
    panel.hidden = false;
    read();
    panel.addEventListener("change", async (event) => {
      if (event.target.type !== "checkbox") return;
      write(anchored()[0]);
      await changed();
    });
    panel.querySelector(".clear").addEventListener("click", async () => {
      for (const box of boxes.flat()) box.checked = false;
      axes[0].querySelector("summary").focus();
      write(anchored()[0]);
      await changed();
    });
    panel.addEventListener("input", (event) => {
      const find = event.target.closest(".find");
      if (!find) return;
      const wanted = event.target.value.trim().toLowerCase();
      for (const box of boxesOf(find.closest(".axis"))) {
        box.parentElement.hidden = !labelOf(box).toLowerCase().includes(wanted);
      }
    });
    panel.addEventListener("keydown", (event) => {
      const axis = event.key === "Escape" && event.target.closest(".axis[open]");
      if (!axis) return;
      axis.open = false;
      axis.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => {
      for (const axis of axes) if (axis.open && !axis.contains(event.target)) axis.open = false;
      // A link within the page keeps the choice.
      const link = event.target.closest('a[href^="#"]');
      if (!link || !chosen.size) return;
      event.preventDefault();
      const anchor = link.getAttribute("href").slice(1);
      history.pushState(null, "", `#${anchor}?${asQuery()}`);
      go(anchor);
    });
    window.addEventListener("hashchange", async () => {
      const before = asQuery();
      read();
      if (asQuery() !== before) await changed();
      go(anchored()[0]);
    });
    await changed();
    if (chosen.size) go(anchored()[0]);
  };

  return { start, passes, lacksWave, say, any: () => chosen.size > 0 };
})();
