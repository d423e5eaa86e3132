// Before the first paint: the theme chosen on this machine, else the system's.
(function () {
  var chosen = null;
  try {
    chosen = window.localStorage.getItem('headroom.theme');
  } catch (refused) {
    chosen = null; // storage is off: the system's theme
  }
  var light = window.matchMedia('(prefers-color-scheme: light)').matches;
  document.documentElement.dataset.theme = chosen || (light ? 'light' : 'dark');
})();
