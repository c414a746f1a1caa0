/// The report's style sheet. Colours are Okabe and Ito's (2008), told apart by colour-blind readers.
enum ReportStyle {
  static let css = """
    :root{--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--ground:#fff;--panel:#f5f7f9;--good:#0072b2;--bad:#d55e00;\
    --hit:0,114,178;--miss:213,94,0}
    @media (prefers-color-scheme:dark){:root{--ink:#e6eaef;--soft:#9aa6b4;--line:#36404c;--ground:#14191f;\
    --panel:#1d242c;--good:#56b4e9;--bad:#f08a3c;--hit:86,180,233;--miss:240,138,60}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:1080px;padding:2rem 1.25rem 4rem;color:var(--ink);background:var(--ground);\
    font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
    h1{font-size:1.7rem;line-height:1.2;margin:.1rem 0 .6rem;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:0 0 .8rem;padding-top:1.6rem;border-top:1px solid var(--line)}
    h3{font-size:.95rem;margin:0 0 .4rem}
    section{margin-top:2rem}
    p{margin:.4rem 0}
    td,th,dd,li,span,b,code{unicode-bidi:isolate}
    .eyebrow{color:var(--soft);font-size:.85rem;margin:0}
    .fitness{font-size:1.35rem;line-height:1.4;font-weight:600;max-width:50rem;margin:.8rem 0 .4rem;padding:.7rem 1rem;\
    border-left:6px solid var(--soft);background:var(--panel);border-radius:0 8px 8px 0;overflow-wrap:anywhere}
    .fitness.good{border-color:var(--good)}.fitness.bad{border-color:var(--bad)}
    .fitness+.verdict{font-size:1.05rem;color:var(--soft)}
    .verdict{font-size:1.25rem;line-height:1.4;max-width:46rem;margin:.6rem 0 1.4rem}
    .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.75rem;margin:0}
    .card{background:var(--panel);border-radius:8px;padding:.8rem .9rem}
    .card dt{color:var(--soft);font-size:.82rem}
    .card dd{margin:.1rem 0 0;font-size:1.45rem;font-weight:600;line-height:1.2}
    .card dd span{display:block;font-size:.78rem;font-weight:400;color:var(--soft);margin-top:.15rem}
    .card p{font-size:.78rem;color:var(--soft);line-height:1.35}
    nav{margin-top:1.4rem;display:flex;flex-wrap:wrap;gap:.3rem 1rem;font-size:.88rem}
    a{color:var(--good)}
    .warnings{margin:0;padding:.9rem 1rem .9rem 2rem;border-left:4px solid var(--bad);background:var(--panel);border-radius:0 8px 8px 0}
    .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:1.5rem 2rem;align-items:start}
    figure{margin:0;min-width:0}
    figcaption{font-size:.85rem;color:var(--soft);margin-top:.5rem;max-width:44rem}
    svg{display:block;width:100%;max-width:520px;height:auto}
    .grid{stroke:var(--line);stroke-width:1}
    .axis{stroke:var(--soft);stroke-width:1}
    .tick{font-size:11px;fill:var(--soft)}
    .label{font-size:12px;fill:var(--ink)}
    .curve{fill:none;stroke-width:2;stroke-linejoin:round}
    .reference{fill:none;stroke:var(--soft);stroke-dasharray:4 4}
    .mark{fill:none;stroke:var(--bad);stroke-width:2.5}
    .threshold{stroke:var(--ink);stroke-width:2;stroke-dasharray:6 3}
    .bubble{fill:var(--good);fill-opacity:.45;stroke:var(--good)}
    rect.good,.key.good{fill:var(--good);background:var(--good)}
    rect.bad,.key.bad{fill:var(--bad);background:var(--bad)}
    .s0{stroke:#0072b2;background:#0072b2}.s1{stroke:#d55e00;background:#d55e00}.s2{stroke:#009e73;background:#009e73}
    .s3{stroke:#cc79a7;background:#cc79a7}.s4{stroke:#e69f00;background:#e69f00}.s5{stroke:#56b4e9;background:#56b4e9}
    .s6{stroke:#7a6bd1;background:#7a6bd1}.s7{stroke:#8a8a8a;background:#8a8a8a}
    .dot{fill:var(--ground);stroke-width:2}
    .legend{list-style:none;margin:.4rem 0 0;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.83rem}
    .key{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem;vertical-align:-1px}
    .key.line{height:0;border-top:2px dashed var(--ink);vertical-align:4px;border-radius:0}
    svg.wide{max-width:none}
    svg.narrow{display:none}
    @media (max-width:640px){svg.wide{display:none}svg.narrow{display:block}}
    .front{fill:none;stroke:var(--ink);stroke-width:1.5;stroke-dasharray:2 3}
    .whisker{fill:none;stroke-width:1.5;opacity:.65}
    .dot.full.s0{fill:#0072b2}.dot.full.s1{fill:#d55e00}.dot.full.s2{fill:#009e73}.dot.full.s3{fill:#cc79a7}
    circle.ring{fill:none;stroke:var(--ink);stroke-width:2}
    text.name{font:11px system-ui,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
    text.name.strong{fill:var(--ink);font-weight:600}
    .leader{fill:none;stroke:var(--soft);stroke-width:.8}
    .key.round{border-radius:50%}.key.front{border-top:2px dotted var(--ink)}
    .key.ring{border:2px solid var(--ink);border-radius:50%}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font-size:.92rem}
    th,td{padding:.35rem .7rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top}
    th[scope=row],thead th:first-child{text-align:left;font-weight:500}
    thead th{font-weight:600;color:var(--soft)}
    td small{display:block;color:var(--soft);font-size:.78rem;white-space:nowrap}
    .own{background:var(--panel);font-weight:600}
    .own small{font-weight:400}
    .facts td,.facts th{text-align:left;overflow-wrap:anywhere}
    .facts th{white-space:nowrap;color:var(--soft)}
    .left-out{margin-top:.8rem}.left-out td,.left-out th{text-align:left;overflow-wrap:anywhere;min-width:9rem}
    .confusion td,.confusion th{text-align:center;border:2px solid var(--ground);padding:.4rem .5rem;min-width:3.4rem}
    .confusion th[scope=row]{text-align:right;white-space:nowrap}
    .confusion th.axis{color:var(--soft);font-weight:400;font-size:.82rem;text-align:center}
    .confusion th span{display:block;max-width:9rem;margin:0 auto;overflow-wrap:anywhere;font-size:.85rem}
    .confusion.wide thead th[scope=col]{vertical-align:bottom}
    .confusion.wide th[scope=col] span{writing-mode:vertical-rl;transform:rotate(180deg);max-width:none;max-height:14rem;\
    overflow-wrap:normal;text-align:left}
    .confusion.wide td,.confusion.wide th{min-width:0;padding:.35rem .3rem}
    @media (max-width:640px){.fitness{font-size:1.1rem}.confusion th[scope=row]{white-space:normal;min-width:5rem}}
    .confusion .sum{color:var(--soft)}
    .confusion td small{color:inherit;opacity:.85}
    \(shades)
    .comparison th small,.recall th small{display:block;color:var(--soft);font-weight:400;font-size:.78rem}
    .comparison td,.comparison th[scope=row]{white-space:nowrap}.comparison .badge{display:block;width:fit-content}
    .comparison td:last-child small{white-space:normal;min-width:8rem;max-width:11rem;margin-left:auto}
    .comparison .failed td{text-align:left;white-space:normal;color:var(--soft)}
    .recall td{white-space:nowrap}.recall th span{overflow-wrap:normal}
    .comparison thead th:nth-child(2),.networks td{text-align:left}
    .recall .own th{font-weight:600}
    .badge{font-size:.72rem;font-weight:500;padding:.05rem .4rem;border-radius:99px;border:1px solid var(--line);white-space:nowrap}
    .badge.chosen{background:var(--good);border-color:var(--good);color:#fff}
    pre{background:var(--panel);padding:.7rem .9rem;border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.88rem}
    .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,220px),1fr));gap:1.2rem;margin-top:.8rem}
    article{min-width:0}
    .frame{aspect-ratio:1;background:var(--panel);border-radius:6px;overflow:hidden}
    .frame img{width:100%;height:100%;object-fit:contain;display:block}
    .group{margin-top:1.6rem;scroll-margin-top:1rem;padding:.2rem .6rem .6rem;border-radius:8px}
    .group:target{outline:3px solid var(--good)}
    .confusion td a,.plain td a{color:inherit;text-decoration:underline;text-underline-offset:2px}
    article p{font-size:.85rem;margin:.3rem 0 0}
    .name{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.78rem!important;color:var(--soft);overflow-wrap:anywhere}
    details{margin-top:.8rem}summary{cursor:pointer}
    details ul{font-size:.85rem;overflow-wrap:anywhere}
    @page{size:A4;margin:14mm 12mm}
    @page wide{size:A4 landscape;margin:12mm}
    @media print{:root{--ink:#000;--soft:#444;--line:#bbb;--ground:#fff;--panel:#f2f2f2;--good:#0072b2;--bad:#d55e00;\
    --hit:0,114,178;--miss:213,94,0}
    body{max-width:none;padding:0;font-size:10pt}nav{display:none}
    a{color:inherit}
    section{margin-top:1rem}h2{padding-top:.8rem;break-after:avoid}h3{break-after:avoid}
    figure,article,.card,tr{break-inside:avoid}figcaption{max-width:none}
    .cards{grid-template-columns:repeat(auto-fill,minmax(32mm,1fr))}.card dd{font-size:13pt}
    .pair{grid-template-columns:1fr 1fr;gap:6mm}.pair>figure:only-child{max-width:90mm}
    svg{max-width:100%}svg.wide{display:block;max-height:110mm}svg.narrow{display:none}
    .scroll{overflow:visible}table{max-width:100%;font-size:8.5pt}
    th,td{padding:1mm 1.5mm;overflow-wrap:break-word}
    td small,.comparison td,.comparison th[scope=row],.confusion th[scope=row],.recall td,.facts th{white-space:normal}
    .confusion td,.confusion th{min-width:0;padding:1mm}
    section:has(table.wide){page:wide}table.wide{width:100%;font-size:7.5pt}table.widest{font-size:6.5pt}
    table.wide th span,table.wide td small,table.wide th small{font-size:inherit}
    table.confusion.wide td,table.confusion.wide th{padding:.6mm;border-width:1px}table.confusion.wide td small{font-size:.8em}
    .comparison td:last-child small{min-width:0;max-width:none}
    .gallery{grid-template-columns:repeat(4,1fr);gap:4mm}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """

  /// Nine steps of shading for the confusion matrix: right answers blue, mistakes orange.
  private static let shades = (1...9).map { level in
    let opacity = Double(level) / 10
    let light = level >= 6 ? ";color:#fff" : ""
    return
      ".hit.l\(level){background:rgba(var(--hit),\(opacity))\(light)}.miss.l\(level){background:rgba(var(--miss),\(min(0.95, opacity + 0.08)))\(light)}"
  }.joined()
}
