// A button beside a field that is only read: what stands in it goes to the clipboard. Without script there is no button.
import { toast } from "./toast.js";

function copy(field) {
  field.select();
  if (navigator.clipboard) return navigator.clipboard.writeText(field.value);
  return document.execCommand("copy") ? Promise.resolve() : Promise.reject(new Error("copy"));
}

export function startCopies() {
  for (const place of document.querySelectorAll("[data-copy]")) {
    place.hidden = false;
    const field = document.getElementById(place.dataset.copy);
    place.querySelector("button").addEventListener("click", () =>
      copy(field).then(() => toast("已复制"), () => toast("没有复制成功，请长按上面的链接", { bad: true })));
  }
}
