// Puts the page to work: tables first, pictures after them.
choosing.start(async () => {
  const shortened = await tables.refresh();
  const drawn = await pictures.refresh();
  document.documentElement.dataset.drawn = "yes";
  return { tables: shortened, pictures: drawn.shortened, hidden: drawn.hidden };
});
