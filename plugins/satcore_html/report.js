"use strict";
// Draws every picture from the specification that lies beside it. Nothing is fetched: the loader
// refuses, and the page's policy would refuse again.
(() => {
  const narrow = window.innerWidth < 600;
  const config = "CHART_THEME"; // satcore's own, put here when the page is made
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
