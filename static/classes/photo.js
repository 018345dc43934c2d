// A phone's photo of 6 MB becomes a JPEG of at most 1600 px before it leaves the phone.
const LONGEST = 1600;
const QUALITY = 0.82;

async function bitmapOf(file) {
  if (window.createImageBitmap) {
    try {
      return await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      // Safari before 15 refuses the option: fall through to <img>, which turns the picture itself.
    }
  }
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  URL.revokeObjectURL(image.src);
  return image;
}

export async function shrink(file) {
  const source = await bitmapOf(file);
  const scale = Math.min(1, LONGEST / Math.max(source.width, source.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(source.width * scale);
  canvas.height = Math.round(source.height * scale);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return new File([blob], "photo.jpg", { type: "image/jpeg" });
}

export function startPhoto(form) {
  const input = form.querySelector('input[type="file"]');
  const preview = form.querySelector(".preview");
  const shown = preview.querySelector("img");
  const drop = () => {
    input.value = "";
    preview.hidden = true;
    if (shown.src) URL.revokeObjectURL(shown.src);
    shown.removeAttribute("src");
  };
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return drop();
    try {
      const small = await shrink(file);
      const box = new DataTransfer();
      box.items.add(small);
      input.files = box.files;
      shown.src = URL.createObjectURL(small);
      preview.hidden = false;
    } catch {
      preview.hidden = true; // sent as it is: the server checks and shrinks again anyway
    }
  });
  preview.querySelector("button").addEventListener("click", drop);
  return drop;
}
