"use strict";
(() => {
  const player = document.querySelector("audio[data-player]");
  const turns = [...document.querySelectorAll(".turns [data-start]")];

  const jump = (seconds) => {
    const go = () => { player.currentTime = seconds; player.play().catch(() => {}); };
    if (player.readyState) go(); else { player.addEventListener("loadedmetadata", go, { once: true }); player.load(); }
  };

  if (player) {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-t]");
      if (link) { event.preventDefault(); jump(Number(link.dataset.t)); }
    });
    const follow = Object.assign(document.createElement("input"), { type: "checkbox" });
    const label = document.createElement("label");
    label.append(follow, "Follow in the transcript");
    player.after(label);
    let now = null;
    player.addEventListener("timeupdate", () => {
      const turn = turns.findLast((each) => Number(each.dataset.start) <= player.currentTime + 0.05) || null;
      if (turn === now) return;
      if (now) { now.classList.remove("now"); now.removeAttribute("aria-current"); }
      now = turn;
      if (!turn) return;
      turn.classList.add("now");
      turn.setAttribute("aria-current", "true");
      if (follow.checked) turn.scrollIntoView({ block: "center" });
    });
  }

  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v === "" ? null : Number(cell.dataset.v);
  };
  const order = (a, b) => a === null ? 1 : b === null ? -1 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

  for (const table of document.querySelectorAll("table[data-sort]")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row) => [value(row, column), row]);
        rows.sort(([a], [b]) => a === null || b === null ? order(a, b) : down ? order(b, a) : order(a, b));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }

  for (const table of document.querySelectorAll("table[data-filter]")) {
    const box = document.createElement("p");
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "search" });
    const told = Object.assign(document.createElement("span"), { className: "soft" });
    told.setAttribute("role", "status");
    box.className = "filter";
    label.append(table.dataset.filter + " ", input);
    box.append(label, told);
    table.closest(".scroll").before(box);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      const rows = [...table.tBodies[0].rows];
      for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
      told.textContent = wanted ? rows.filter((row) => !row.hidden).length + " of " + rows.length + " shown" : "";
    });
  }

  addEventListener("beforeprint", () => { for (const each of document.querySelectorAll("details")) each.open = true; });
})();
