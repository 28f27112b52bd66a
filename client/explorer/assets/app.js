// What every page has: the theme, the search; on the page of an operation the desk.
import { startSearch } from "./search.js";

const root = document.documentElement;

function theme(name) {
  if (name) root.dataset.theme = name;
  else delete root.dataset.theme;
}

theme(localStorage.getItem("opcall-theme"));
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const next = dark ? "light" : "dark";
  localStorage.setItem("opcall-theme", next);
  theme(next);
});

startSearch();
if (document.getElementById("desk")) {
  const { startDesk } = await import("./send.js");
  startDesk();
}
