// Draws every picture from the specification that lies beside it. Nothing is fetched: the loader
// refuses, and the page's policy would refuse again.
const pictures = (() => {
  const narrow = window.innerWidth < 600;
  const config = CHART_THEME;
  if (narrow) {
    config.axis.labelLimit = 120;
    config.legend.columns = 1; // side by side, its entries would be cut
  }
  const narrowed = (spec) => {
    walk(spec, (node) => {
      if (node.legend?.columns) node.legend.columns = 1;
    });
  };
  const refuse = () => Promise.reject(new Error("this report loads nothing"));
  const options = {
    mode: "vega-lite",
    actions: false,
    renderer: "svg",
    ast: true, // expressions are interpreted, so the policy need not allow eval
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
    config,
  };

  const walk = (part, visit) => {
    if (part === null || typeof part !== "object") return;
    visit(part);
    for (const [name, inner] of Object.entries(part)) if (name !== "values") walk(inner, visit);
  };

  const LEAST_HEIGHT = 56;
  const ERRORS = 1; // Vega's name for "log errors, no warnings"

  // Waves between the first and the last that were chosen keep their place, so that no line joins
  // what are no neighbours.
  const spanned = (domain, now) =>
    now.length ? domain.slice(domain.indexOf(now[0]), domain.indexOf(now.at(-1)) + 1) : now;

  const blank = (row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, one]) => [name, typeof one === "number" ? null : one]),
    );

  const leaveGaps = (gaps, spans) => {
    const within = (row) =>
      [...spans].some(([field, labels]) => labels.includes(row[field]));
    for (const { node, every } of gaps) {
      const missing = new Set(gaps.filter((one) => one.node === node && within(one.row)).map((one) => one.row));
      node.data.values = every.flatMap((row) => {
        if (!row._place || choosing.passes(row._place)) return [row];
        return missing.has(row) ? [blank(row)] : [];
      });
    }
  };

  // A specification with the rows that were chosen; how many were left out, and how many stayed.
  // Labels that stood for left-out rows alone leave their axis, and an upright axis gets shorter.
  const chosen = (spec) => {
    const gone = new Map();
    const left = new Map();
    const gaps = [];
    let out = 0;
    let placed = 0;
    walk(spec, (node) => {
      if (!node.data || !Array.isArray(node.data.values)) return;
      const every = node.data.values;
      node.data.values = every.filter((row) => {
        const stays = !row._place || choosing.passes(row._place);
        const names = stays ? left : gone;
        for (const [field, value] of Object.entries(row)) {
          if (typeof value !== "string") continue;
          if (!names.has(field)) names.set(field, new Set());
          names.get(field).add(value);
        }
        if (!stays) out += 1;
        else if (row._place) placed += 1;
        return stays;
      });
      every.forEach((row, place) => {
        if (row._place && choosing.lacksWave(row._place)) gaps.push({ node, every, row, place });
      });
    });
    if (!out) return { out, placed };
    const spans = new Map();
    let shorter = 1;
    walk(spec, (node) => {
      for (const [channel, one] of Object.entries(node.encoding ?? {})) {
        const domain = one?.scale?.domain;
        if (!Array.isArray(domain) || !one.field || !gone.has(one.field)) continue;
        const lost = gone.get(one.field);
        const kept = left.get(one.field) ?? new Set();
        const now = domain.filter((label) => kept.has(label) || !lost.has(label));
        if (channel === "y" && domain.length) shorter = now.length / domain.length;
        one.scale = { ...one.scale, domain: channel === "x" ? spanned(domain, now) : now };
        // Gaps are between waves: labels that all stayed, as those of steps on a way, have none.
        if (channel === "x" && now.length < domain.length) spans.set(one.field, one.scale.domain);
      }
    });
    leaveGaps(gaps, spans);
    walk(spec, (node) => {
      if (typeof node.height === "number" && shorter < 1) {
        node.height = Math.max(LEAST_HEIGHT, Math.round(node.height * shorter));
      }
    });
    return { out, placed };
  };

  const READABLE = 520;

  // Whether any of a picture's letters stand outside of it.
  const leaves = (box) => {
    const all = box.querySelector("svg").getBoundingClientRect();
    return [...box.querySelectorAll("svg text")].some((one) => {
      const own = one.getBoundingClientRect();
      return own.width > 0 && (own.left < all.left - 1 || own.right > all.right + 1);
    });
  };

  const drawn = new Map(); // picture -> what it was drawn with

  const draw = async (box) => {
    const figure = box.closest("figure");
    const text = document.getElementById(box.dataset.spec).textContent;
    try {
      const spec = JSON.parse(text);
      const { out, placed } = chosen(spec);
      figure.hidden = out > 0 && placed === 0;
      if (figure.hidden) return "hidden";
      if (narrow) narrowed(spec);
      const now = JSON.stringify(spec);
      if (drawn.get(box)?.spec !== now) {
        drawn.get(box)?.view.finalize();
        // Of layers whose rows were all left out Vega would warn.
        let made = await window.vegaEmbed(box, spec, out ? { ...options, logLevel: ERRORS } : options);
        if (narrow && spec.width === "container" && leaves(box)) {
          // Rather a picture that is scrolled than one whose letters are cut.
          made.finalize();
          made = await window.vegaEmbed(box, { ...spec, width: READABLE }, options);
        }
        // What it shows is said by the box; the marks need not be read out one by one.
        box.querySelector("svg").setAttribute("aria-hidden", "true");
        drawn.set(box, { spec: now, view: made });
        // What scrolls can be scrolled with the keyboard.
        if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
        else box.removeAttribute("tabindex");
      }
      return out ? "shortened" : "whole";
    } catch (error) {
      box.hidden = true;
      figure.querySelector(".not-drawn").hidden = false;
      console.error(error);
      return "whole";
    }
  };

  const boxes = [...document.querySelectorAll(".picture[data-spec]")];
  let turn = 0;

  // Draws what was chosen; gives how many pictures are shortened and how many left out.
  const refresh = async () => {
    turn += 1;
    const mine = turn;
    const counts = { shortened: 0, hidden: 0, whole: 0 };
    for (const box of boxes) {
      counts[await draw(box)] += 1;
      if (turn !== mine) break; // chosen anew meanwhile
    }
    return counts;
  };

  return { refresh };
})();
