// The search over operations and components. What it looks in is fetched when it is
// opened for the first time.
const prefix = document.body.dataset.prefix;
const maxHits = 40;

let entries; // a promise of the list

function load() {
  entries ??= fetch(prefix + "/index.json").then((r) => {
    if (!r.ok) throw new Error("the list could not be loaded: status " + r.status);
    return r.json();
  }).catch((err) => {
    entries = undefined; // the next search tries again
    throw err;
  });
  return entries;
}

// score says how well an entry fits the words: 0 for not at all. A name that begins with
// a word counts most, then one that has it, then the path, the summary, the tags.
function score(entry, words) {
  let sum = 0;
  const name = entry.n.toLowerCase();
  const rest = [entry.m, entry.p, entry.s, ...(entry.t ?? [])].join(" ").toLowerCase();
  for (const word of words) {
    if (name === word) sum += 100;
    else if (name.startsWith(word)) sum += 40;
    else if (name.includes(word)) sum += 20;
    else if (rest.includes(word)) sum += 5;
    else return 0;
  }
  return sum + (entry.k === "operation" ? 3 : 0) - (entry.d ? 2 : 0) - name.length / 100;
}

function find(list, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return list.filter((e) => e.k === "operation").slice(0, maxHits);
  return list.map((e) => [score(e, words), e]).filter(([s]) => s > 0)
    .sort((a, b) => b[0] - a[0]).slice(0, maxHits).map(([, e]) => e);
}

export function address(kind, name) {
  return prefix + "/" + kind + "/" + name.split("/").map(encodeURIComponent).join("/");
}

export function startSearch() {
  const dialog = document.getElementById("search");
  const query = document.getElementById("query");
  const hits = document.getElementById("hits");
  let chosen = 0;

  function choose(i) {
    const items = hits.querySelectorAll("[role=option]");
    if (items.length === 0) return query.removeAttribute("aria-activedescendant");
    chosen = (i + items.length) % items.length;
    items.forEach((item, at) => item.setAttribute("aria-selected", at === chosen));
    items[chosen].scrollIntoView({ block: "nearest" });
    query.setAttribute("aria-activedescendant", items[chosen].id);
  }

  function message(text) {
    const item = document.createElement("li");
    item.textContent = text;
    item.className = "quiet";
    hits.replaceChildren(item);
  }

  async function show() {
    let list;
    try {
      list = find(await load(), query.value);
    } catch (err) {
      return message(err.message);
    }
    if (list.length === 0) return message("No operation or component matches.");
    hits.replaceChildren(...list.map((entry, i) => {
      const item = document.createElement("li");
      item.id = "hit-" + i;
      item.setAttribute("role", "option");
      const link = document.createElement("a");
      link.href = address(entry.k, entry.n);
      link.tabIndex = -1;
      const method = document.createElement("span");
      method.className = "method " + (entry.m ?? "");
      method.textContent = entry.m ?? "schema";
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = " " + entry.n + " ";
      const summary = document.createElement("span");
      summary.className = "quiet";
      summary.textContent = entry.s ?? "";
      link.append(method, name, summary);
      item.append(link);
      return item;
    }));
    choose(0);
  }

  function open() {
    if (dialog.open) return;
    query.value = "";
    dialog.showModal();
    query.focus();
    show();
  }

  document.getElementById("open-search").addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" || event.key === "/" && !typing) {
      event.preventDefault();
      open();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  query.addEventListener("input", show);
  query.addEventListener("keydown", (event) => {
    switch (event.key) {
      case "ArrowDown": choose(chosen + 1); break;
      case "ArrowUp": choose(chosen - 1); break;
      case "Enter": hits.querySelector("[aria-selected=true] a")?.click(); break;
      default: return;
    }
    event.preventDefault();
  });
}
