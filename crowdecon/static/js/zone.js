// A form that asks for a time zone begins with the browser's own. An extra: without this file it begins with the language's.

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const select of document.querySelectorAll("select[data-own-zone]")) {
  const untouched = select.selectedOptions[0]?.defaultSelected;
  // A browser that hides where it is says UTC.
  if (untouched && own !== "UTC" && [...select.options].some((option) => option.value === own)) select.value = own;
}
