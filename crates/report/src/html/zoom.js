// Makes a click on a box of a flame graph zoom in on it, and another click on it zoom out. The page is complete without it.
for (const graph of document.querySelectorAll(".flame-graph")) {
  // What is free between two boxes is not zoomed.
  const gap = 6;
  const boxes = [...graph.children].map((box) => {
    const [x, y, width] = ["x", "y", "width"].map((name) => Number(box.getAttribute(name)));
    return { box, x, y, width: width + gap, name: box.querySelector("title").textContent.split("\n")[0] };
  });
  const left = Math.min(...boxes.map((it) => it.x));
  const room = Math.max(...boxes.map((it) => it.x + it.width)) - left;
  const fontSize = Number(graph.getAttribute("font-size"));
  const letters = (text, width) => {
    const fit = Math.floor((width - fontSize * 0.7) / (fontSize * 0.602));
    if (fit >= text.length) return text;
    const head = Math.floor((fit - 1) / 3);
    return fit >= 3 ? text.slice(0, head) + "…" + text.slice(head + 1 - fit) : "";
  };
  const label = (it, width) => {
    let text = it.box.querySelector("text");
    if (!text) {
      text = it.box.appendChild(graph.querySelector("text").cloneNode());
    }
    text.textContent = letters(it.name, width);
  };
  let zoomed = null;
  const show = (target) => {
    zoomed = target;
    const [start, scale] = target ? [target.x, room / target.width] : [left, 1];
    const end = target ? target.x + target.width : left + room;
    for (const it of boxes) {
      // Edges are rounded; a middle is surely inside or outside.
      const middle = it.x + it.width / 2;
      const caller = target && target.y > it.y && start + 1 >= it.x && it.x + it.width >= end - 1;
      const inside = middle >= start && end >= middle && (!target || it.y >= target.y);
      it.box.style.display = caller || inside ? "" : "none";
      it.box.style.opacity = caller ? 0.6 : "";
      const width = caller ? room : it.width * scale;
      it.box.setAttribute("x", caller ? left : left + (it.x - start) * scale);
      it.box.setAttribute("width", width - gap);
      label(it, width - gap);
    }
  };
  graph.addEventListener("click", (event) => {
    const target = boxes.find((it) => it.box.contains(event.target));
    if (target) show(target === zoomed ? null : target);
  });
  const hint = document.createElement("p");
  hint.className = "below";
  hint.textContent = "A click on a box zooms in on it, another one zooms out.";
  graph.closest("figure").after(hint);
}
