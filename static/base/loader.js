// The socket client is fetched after the page can be used, and only for someone signed in.
export function loadLive() {
  const source = document.body.dataset.live;
  if (!source) return;
  const load = () => {
    const script = document.createElement("script");
    script.src = source;
    script.async = true;
    document.head.append(script);
  };
  const soon = () => (window.requestIdleCallback ? requestIdleCallback(load, { timeout: 3000 }) : setTimeout(load, 400));
  if (document.readyState === "complete") soon();
  else window.addEventListener("load", soon);
}
