// Draws every picture from the specification that lies beside it. Nothing is fetched: the loader
// refuses, and the page's policy would refuse again.
const pictures = (() => {
  const narrow = window.innerWidth < 600;
  const config = CHART_THEME;
  if (narrow) {
    config.axis.labelLimit = 120;
    config.legend.columns = 1; // side by side, its entries would be cut
  }
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

  // A specification with the rows that were chosen; how many were left out, and how many stayed.
  // Labels that stood for left-out rows alone leave their axis, and an upright axis gets shorter.
  const chosen = (spec) => {
    const gone = new Map();
    const left = new Map();
    let out = 0;
    let placed = 0;
    walk(spec, (node) => {
      if (!node.data || !Array.isArray(node.data.values)) return;
      node.data.values = node.data.values.filter((row) => {
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
    });
    if (!out) return { out, placed };
    let shorter = 1;
    walk(spec, (node) => {
      for (const [channel, one] of Object.entries(node.encoding ?? {})) {
        const domain = one?.scale?.domain;
        if (!Array.isArray(domain) || !one.field || !gone.has(one.field)) continue;
        const lost = gone.get(one.field);
        const kept = left.get(one.field) ?? new Set();
        const now = domain.filter((label) => kept.has(label) || !lost.has(label));
        if (channel === "y" && domain.length) shorter = now.length / domain.length;
        one.scale = { ...one.scale, domain: now };
      }
    });
    walk(spec, (node) => {
      if (typeof node.height === "number" && shorter < 1) {
        node.height = Math.max(LEAST_HEIGHT, Math.round(node.height * shorter));
      }
    });
    return { out, placed };
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
      const now = JSON.stringify(spec);
      if (drawn.get(box)?.spec !== now) {
        drawn.get(box)?.view.finalize();
        const made = await window.vegaEmbed(box, spec, options);
        drawn.set(box, { spec: now, view: made });
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
