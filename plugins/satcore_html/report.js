"use strict";
// Draws every picture from the specification that lies beside it. Nothing is fetched: the loader
// refuses, and the page's policy would refuse again.
(() => {
  const narrow = window.innerWidth < 600;
  const font =
    'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
  const config = {
    background: "white",
    font,
    aria: false, // the figure speaks for the picture, and the table behind it for the numbers
    padding: { left: 10, right: 14, top: 12, bottom: 10 },
    axis: {
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: 500,
      labelColor: "#2b3640",
      titleColor: "#55616c",
      gridColor: "#e7eaed",
      domainColor: "#b9c1c8",
      tickColor: "#b9c1c8",
      labelLimit: narrow ? 120 : 190,
      labelOverlap: true,
    },
    axisDiscrete: { grid: false, ticks: false, labelPadding: 6 },
    header: { labelFontSize: 12, titleFontSize: 12, labelColor: "#2b3640", labelLimit: 220 },
    legend: {
      labelFontSize: 12,
      labelColor: "#2b3640",
      labelLimit: 220,
      orient: "top",
      ...(narrow ? { columns: 1 } : {}), // side by side, its entries would be cut
    },
    text: { fontSize: 12 },
    view: { stroke: null },
    range: {
      category: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"],
    },
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
  const draw = async (box) => {
    try {
      const spec = JSON.parse(document.getElementById(box.dataset.spec).textContent);
      await window.vegaEmbed(box, spec, options);
    } catch (error) {
      box.hidden = true;
      box.parentElement.querySelector(".not-drawn").hidden = false;
      console.error(error);
    }
  };
  const drawAll = async () => {
    for (const box of document.querySelectorAll(".picture")) await draw(box);
    document.documentElement.dataset.drawn = "yes";
  };
  drawAll();
})();
