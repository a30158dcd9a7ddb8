"use strict";
(() => {
  const BATCH = 60;
  const library = JSON.parse(document.getElementById("library").textContent);
  const at = (id) => document.getElementById(id);
  const grid = at("grid"), search = at("search"), business = at("business"), tag = at("tag");
  const form = document.querySelector("form");
  let matches = [];
  let shown = 0;
  let current = 0; /* the card that Tab reaches */

  const plain = (text) => text.normalize("NFKC").toLowerCase();
  for (const p of library.pictures) {
    p.text = plain([p.name, p.prompt, p.alt, ...p.tags].filter(Boolean).join("\n"));
  }

  const element = (name, properties, ...children) => {
    const e = Object.assign(document.createElement(name), properties);
    e.append(...children.filter(Boolean));
    return e;
  };

  /* Only what leads to a picture: the link comes from the catalog. */
  const safeLink = (link) => (/^(https?|file):\/\//.test(link || "") ? link : null);

  const bytes = (n) => {
    const units = ["bytes", "KB", "MB", "GB"];
    let i = 0;
    for (; n >= 1024 && i < 3; i++) n /= 1024;
    return `${n >= 10 || i === 0 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
  };

  const thumbnail = (p) => {
    if (p.file) return p.file;
    const box = at(`t${p.id}`);
    return box ? "data:image/webp;base64," + box.textContent : null;
  };

  /* Embedded thumbnails are decoded when they come near. */
  const nearby = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      nearby.unobserve(target);
      target.src = thumbnail(target.picture);
    }
  }, { rootMargin: "600px" });

  const image = (p) => {
    if (!p.thumbnail) return element("span", { className: "none", textContent: "no thumbnail" });
    const img = element("img", {
      alt: p.alt || p.prompt || p.name, loading: "lazy", decoding: "async",
      width: p.width || 1, height: p.height || 1, picture: p,
    });
    if (p.file) img.src = p.file;
    else nearby.observe(img);
    return img;
  };

  const details = (p) => {
    const line = (text) => text && element("p", { textContent: text });
    const facts = [p.width && `${p.width} × ${p.height}`, p.bytes && bytes(p.bytes), p.type, p.store]
      .filter(Boolean);
    return element("div", { className: "details", id: `d${p.id}` },
      line(p.name), line(p.prompt), p.alt !== p.prompt && line(p.alt), line(facts.join(" · ")),
      line([`#${p.id}`, library.businesses[p.business], p.created.slice(0, 10), p.model]
        .filter(Boolean).join(" · ")),
      p.tags.length > 0 && line(p.tags.map((t) => `#${t}`).join(" ")));
  };

  const card = (p, index) => {
    const href = safeLink(p.link);
    const open = element("a", { className: "open", tabIndex: index === current ? 0 : -1 }, image(p));
    if (href) Object.assign(open, { href, target: "_blank", rel: "noopener noreferrer" });
    open.setAttribute("aria-label", `${p.name}${p.ai ? ", AI" : ""}`);
    open.setAttribute("aria-describedby", `d${p.id}`);
    const copy = element("button", { type: "button", className: "copy", textContent: "Copy link",
      tabIndex: open.tabIndex, disabled: !href });
    copy.setAttribute("aria-label", `Copy the link of ${p.name}`);
    const item = element("li", { className: "card", picture: p },
      element("div", { className: "frame" }, open,
        p.ai && element("span", { className: "badge", textContent: "AI", title: "Made by AI" }),
        details(p)),
      element("div", { className: "foot" },
        element("span", { className: "name", textContent: p.name, title: p.name }), copy));
    item.setAttribute("aria-setsize", matches.length);
    item.setAttribute("aria-posinset", index + 1);
    return item;
  };

  const showMore = (least = 0) => {
    const end = Math.min(matches.length, Math.max(shown + BATCH, least));
    const batch = document.createDocumentFragment();
    for (; shown < end; shown++) batch.append(card(matches[shown], shown));
    grid.append(batch);
  };

  const bottom = new IntersectionObserver((entries) => {
    if (!entries.some((e) => e.isIntersecting) || shown >= matches.length) return;
    showMore();
    bottom.unobserve(at("more")); /* and ask again: a batch may not fill the screen */
    bottom.observe(at("more"));
  }, { rootMargin: "1200px" });

  const refresh = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const origin = form.elements.origin.value;
    matches = library.pictures.filter((p) =>
      (origin === "all" || p.ai === (origin === "ai")) &&
      (!business.value || String(p.business) === business.value) &&
      (!tag.value || p.tags.includes(tag.value)) &&
      words.every((word) => p.text.includes(word)));
    nearby.disconnect();
    grid.replaceChildren();
    shown = current = 0;
    showMore();
    const all = library.pictures.length;
    at("count").textContent = matches.length === all
      ? `${all} picture${all === 1 ? "" : "s"}` : `${matches.length} of ${all} pictures`;
    at("nothing").hidden = matches.length > 0;
  };

  /* ---- Keys ---- */

  const setCurrent = (index) => {
    const stop = (n, value) => grid.children[n] && grid.children[n]
      .querySelectorAll(".open, .copy").forEach((e) => { e.tabIndex = value; });
    stop(current, -1);
    current = index;
    stop(current, 0);
  };

  const goTo = (index) => {
    index = Math.max(0, Math.min(matches.length - 1, index));
    if (index >= shown) showMore(index + 1);
    setCurrent(index);
    const item = grid.children[index];
    if (!item) return;
    item.querySelector(".open").focus({ preventScroll: true });
    item.scrollIntoView({ block: "center" });
  };

  const columns = () => getComputedStyle(grid).gridTemplateColumns.split(" ").length;

  const steps = {
    ArrowRight: (i) => i + 1, ArrowLeft: (i) => i - 1,
    ArrowDown: (i) => i + columns(), ArrowUp: (i) => i - columns(),
    PageDown: (i) => i + 3 * columns(), PageUp: (i) => i - 3 * columns(),
    Home: () => 0, End: () => matches.length - 1,
  };

  const reset = () => {
    form.reset();
    refresh();
  };

  document.addEventListener("keydown", (event) => {
    const item = event.target.closest && event.target.closest(".card");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (document.activeElement === search && !search.value) search.blur();
      reset();
    } else if (event.key === "/" && document.activeElement !== search) {
      search.focus();
      search.select();
    } else if (event.key === "ArrowDown" && document.activeElement === search) {
      goTo(0);
    } else if (item && steps[event.key]) {
      goTo(steps[event.key]([...grid.children].indexOf(item)));
    } else if (item && event.key.toLowerCase() === "c") {
      copyLink(item.picture);
    } else {
      return;
    }
    event.preventDefault();
  });

  grid.addEventListener("focusin", (event) => {
    const item = event.target.closest(".card");
    if (item) setCurrent([...grid.children].indexOf(item));
  });

  /* ---- Copying ---- */

  const copyText = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const box = element("textarea", { value: text, className: "hidden" });
      const before = document.activeElement;
      document.body.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      if (before) before.focus({ preventScroll: true });
      return done;
    }
  };

  const copyLink = async (p) => {
    const link = safeLink(p.link);
    const done = link && await copyText(link);
    at("said").textContent = done ? `Link of ${p.name} copied` : "The link could not be copied";
    const button = [...grid.children].find((e) => e.picture === p)?.querySelector(".copy");
    if (!button || !done) return;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy link"; }, 1500);
  };

  grid.addEventListener("click", (event) => {
    if (event.target.closest(".copy")) copyLink(event.target.closest(".card").picture);
  });

  /* ---- Start ---- */

  const fill = (select, box, options) => {
    for (const [value, text] of options) select.append(element("option", { value, textContent: text }));
    box.hidden = options.length < 2 && select !== tag || options.length === 0;
  };
  const used = new Set(library.pictures.map((p) => String(p.business)));
  fill(business, at("business-box"),
    Object.entries(library.businesses).filter(([id]) => used.has(id)));
  const tags = [...new Set(library.pictures.flatMap((p) => p.tags))].sort();
  fill(tag, at("tag-box"), tags.map((t) => [t, t]));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", refresh);
  at("reset").addEventListener("click", reset);
  refresh();
  bottom.observe(at("more"));
})();
