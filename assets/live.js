// Brings the marked part of a page up to date when something was recorded. Without it the page
// is complete, and as old as its opening.
"use strict";
(() => {
  const region = document.querySelector("[data-live]");
  const status = document.querySelector("[data-live-status]");
  if (!region || !window.EventSource) return;

  let busy = false;
  const refresh = async () => {
    if (busy || region.contains(document.activeElement)) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (fresh) region.replaceChildren(...fresh.childNodes);
      if (status) status.textContent = `已更新：${new Date().toLocaleTimeString("zh-CN")}`;
    } finally {
      busy = false;
    }
  };
  new EventSource(region.dataset.live).addEventListener("changed", refresh);
})();
