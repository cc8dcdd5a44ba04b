// Tables of what was chosen. Short ones hide the rows that were not; long ones, whose rows lie in
// the page deflated, are shown page by page.
const tables = (() => {
  const PAGE = 100;

  const shortTables = [...document.querySelectorAll("main .table:not([data-rows])")].filter((one) =>
    one.querySelector("tr[data-place]"),
  );

  const filterShort = (table) => {
    let hidden = 0;
    for (const body of table.querySelectorAll("tbody")) {
      let left = 0;
      for (const row of body.querySelectorAll("tr:not(.group)")) {
        row.hidden = !choosing.passes(row.dataset.place);
        if (row.hidden) hidden += 1;
        else left += 1;
      }
      body.hidden = !left;
    }
    return hidden > 0;
  };

  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  };

  const reader = ({ texts, at }) => (at ? (row) => texts[at[row]] : (row) => texts[row]) ;

  // A long table: nothing of it is read before somebody sees it.
  const longTable = (box) => {
    const size = Number(box.dataset.rows);
    const grouped = box.querySelector("tr.group") !== null;
    const body = box.querySelector("table");
    const pager = box.querySelector(".pager");
    const [before, after] = pager.querySelectorAll("button");
    const find = pager.querySelector("input");
    const told = pager.querySelector("[role=status]");
    let held = null;
    let rows = [];
    let first = 0;

    const load = async () => {
      if (held) return;
      const found = await unpacked(JSON.parse(box.querySelector("script.rows").textContent));
      const columns = found.columns.map((one) => ({
        ...one,
        text: reader(one),
        lang: one.langs.texts.length ? reader(one.langs) : () => "",
      }));
      const [title, tone, place] = ["titles", "tones", "places"].map((name) =>
        found[name].texts.length ? reader(found[name]) : () => "",
      );
      held = { columns, title, tone, place };
      box.querySelector(".cut").hidden = true;
      pager.hidden = false;
    };

    const choose = () => {
      const wanted = find.value.trim().toLowerCase();
      rows = [];
      for (let row = 0; row < size; row += 1) {
        if (!choosing.passes(held.place(row))) continue;
        if (
          wanted &&
          !held.title(row).toLowerCase().includes(wanted) &&
          !held.columns.some((one) => one.text(row).toLowerCase().includes(wanted))
        ) continue;
        rows.push(row);
      }
      first = 0;
    };

    const rowOf = (row) => {
      const line = document.createElement("tr");
      line.className = held.tone(row);
      held.columns.forEach((column, place) => {
        const entry = document.createElement(place ? "td" : "th");
        if (!place) entry.scope = "row";
        else if (column.numeric) entry.className = "num";
        else if (column.prose) entry.className = "prose";
        if (place && column.lang(row)) entry.lang = column.lang(row);
        entry.textContent = column.text(row);
        line.append(entry);
      });
      return line;
    };

    const groupOf = (title) => {
      const line = document.createElement("tr");
      line.className = "group";
      const head = document.createElement("th");
      head.scope = "rowgroup";
      head.colSpan = held.columns.length;
      head.textContent = title;
      line.append(head);
      return line;
    };

    const show = () => {
      for (const old of body.querySelectorAll("tbody")) old.remove();
      let group = document.createElement("tbody");
      let title = null;
      for (const row of rows.slice(first, first + PAGE)) {
        if (grouped && held.title(row) !== title) {
          title = held.title(row);
          if (group.childElementCount) body.append(group);
          group = document.createElement("tbody");
          if (title) group.append(groupOf(title));
        }
        group.append(rowOf(row));
      }
      body.append(group);
      const last = Math.min(first + PAGE, rows.length);
      const number = (count) => count.toLocaleString("en-US");
      told.textContent = rows.length
        ? choosing.say("rows_shown", {
            first: number(first + 1), last: number(last), count: number(rows.length),
          })
        : WORDS.rows_none;
      before.disabled = first === 0;
      after.disabled = last >= rows.length;
    };

    const refresh = async () => {
      await load();
      choose();
      show();
    };

    const turn = (by) => {
      first += by;
      show();
      box.querySelector(".scroll").scrollIntoView({ block: "nearest" });
    };
    before.addEventListener("click", () => turn(-PAGE));
    after.addEventListener("click", () => turn(PAGE));
    let waiting = 0;
    find.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { choose(); show(); }, 200);
    });
    return { box, refresh, loaded: () => held !== null };
  };

  // Browsers that can't inflate keep the first rows, and the words that say where the others are.
  const longTables =
    typeof DecompressionStream === "undefined"
      ? []
      : [...document.querySelectorAll("main .table[data-rows]")].map(longTable);

  const seen = (one) => !one.box.closest("details:not([open])");

  for (const one of longTables) {
    for (let fold = one.box.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.addEventListener("toggle", () => {
        if (seen(one) && !one.loaded()) one.refresh();
      });
    }
  }

  // Shows what was chosen; gives how many tables are shortened.
  const refresh = async () => {
    let shortened = shortTables.filter(filterShort).length;
    for (const one of longTables) {
      if (seen(one) || one.loaded()) await one.refresh();
      if (choosing.any()) shortened += 1;
    }
    return shortened;
  };

  // Short tables that are folded are printed; they are folded again afterwards.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.short:not([open])")];
    for (const one of opened) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    opened = [];
  });

  return { refresh };
})();
