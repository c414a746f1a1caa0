/// The page's look. Blue and vermilion of Okabe and Ito (2008), the latter darker so that white text on it is read easily;
/// no state is told by colour alone.
enum PageStyle {
  static let icon = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0072b2"/>\
    <path d="M4 8.5l3 3 5.5-7" fill="none" stroke="#fff" stroke-width="2"/></svg>
    """

  static let css = """
    :root { color-scheme: light dark; --back: #fff; --text: #16191d; --soft: #f0f2f5; --line: #8a929c; --quiet: #545c66;
      --good: #005f96; --defect: #b34700; --unsure: #6b4c00; --link: #00508a; }
    @media (prefers-color-scheme: dark) { :root { --back: #14171a; --text: #eceff2; --soft: #23282e; --line: #77808a;
      --quiet: #aab2bb; --link: #7cc4f5; } }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body { margin: 0; font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; background: var(--back);
      color: var(--text); }
    a { color: var(--link); }
    :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); z-index: 2; }
    header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding: .5rem 1rem;
      background: var(--soft); }
    .brand { font-size: 1.25rem; }
    nav { display: flex; flex-wrap: wrap; gap: .25rem; flex: 1; }
    nav a { padding: .4rem .8rem; border-radius: .4rem; text-decoration: none; color: var(--text); }
    nav a[aria-current] { background: var(--good); color: #fff; }
    main { padding: 1rem; max-width: 90rem; margin: auto; } main:focus { outline: none; }
    h1 { font-size: 1.4rem; margin: .2rem 0 1rem; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
    .quiet { position: absolute; left: -999px; }
    #notice { margin: 0; padding: .6rem 1rem; background: #8a3600; color: #fff; font-weight: 600; }
    select, input, button, .button { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line);
      border-radius: .4rem; background: var(--back); color: var(--text); max-width: 100%; }
    button, .button { background: var(--good); border-color: var(--good); color: #fff; cursor: pointer; padding: .45rem 1rem; }
    button:disabled { opacity: .5; cursor: default; }
    .button input { position: absolute; width: 1px; height: 1px; opacity: 0; } .button:focus-within { outline: 3px solid var(--link); }
    .stage { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1rem; align-items: stretch; }
    #reviewPart { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
    @media (max-width: 50rem) { .stage, #reviewPart { grid-template-columns: minmax(0, 1fr); } }
    .verdict { display: flex; flex-direction: column; justify-content: center; align-items: center; text-align: center;
      min-height: 45vh; padding: 1rem; border-radius: .6rem; background: var(--soft); font-weight: 800;
      font-size: clamp(4rem, 8.4vw, 11rem); line-height: 1.05; overflow-wrap: break-word; }
    .verdict small { font-size: clamp(1.4rem, 2.6vw, 3rem); font-weight: 600; line-height: 1.3; }
    .is-good { background: var(--good); color: #fff; } .is-defect { background: var(--defect); color: #fff; }
    .is-unsure { background: var(--unsure); color: #fff; }
    figure { margin: 0; }
    .picture { position: relative; background: var(--soft); border-radius: .4rem; overflow: hidden; min-height: 12rem; }
    .picture img { display: block; width: 100%; image-rendering: auto; }
    .picture img + img { position: absolute; inset: 0; height: 100%; }
    input[type=range] { width: min(24rem, 100%); vertical-align: middle; padding: 0; }
    .figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
    .figures div { background: var(--soft); border-radius: .5rem; padding: .5rem 1rem; min-width: 8rem; }
    .figures dt { color: var(--quiet); } .figures dd { margin: 0; font-size: 2rem; font-weight: 700;
      font-variant-numeric: tabular-nums; }
    .strip { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; list-style: none; }
    .strip button { background: var(--soft); color: var(--text); border: 3px solid var(--line); padding: .2rem; width: 8rem; }
    .strip img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; }
    .strip .good { border-color: var(--good); } .strip .defect { border-color: var(--defect); border-style: double; }
    .drop { border: 3px dashed var(--line); border-radius: .6rem; padding: 2rem; text-align: center; }
    .drop.over { background: var(--soft); }
    #tried article { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; margin: 1rem 0; }
    #tried img { width: 100%; border-radius: .4rem; }
    .tag { display: inline-block; padding: 0 .5rem; border-radius: .3rem; background: var(--soft); font-weight: 600; }
    .filter, .choice, .buttons { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1rem; }
    .choice { border: 1px solid var(--line); border-radius: .4rem; }
    .filter label { display: flex; flex-direction: column; }
    table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
    th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--soft); white-space: nowrap; }
    td img { height: 3.5rem; display: block; } .thumb { background: none; border-color: var(--line); padding: .2rem; }
    .large { font-size: 1.4rem; font-weight: 600; } .hint { color: var(--quiet); }
    .facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } .facts dd { margin: 0;
      overflow-wrap: anywhere; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.5rem; }
    svg.chart { width: 100%; max-width: 44rem; height: auto; background: var(--soft); border-radius: .4rem; }
    svg.chart text { fill: var(--text); font-size: 12px; }
    dialog { border: 1px solid var(--line); border-radius: .6rem; background: var(--back); color: var(--text);
      max-width: min(60rem, 95vw); } dialog::backdrop { background: #0009; }
    #detailBody .picture { max-width: 32rem; }
    """
}
