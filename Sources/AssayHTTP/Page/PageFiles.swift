/// The page's files (`Page/Files`), which are embedded at build: the program has no files to lose.
enum PageFiles {
  struct File: Sendable {
    let bytes: [UInt8]
    let type: String
  }

  /// By address. Scripts are modules, each at its own, so that a browser shows them as they are written.
  static let all: [String: File] = {
    var files = [
      "/": File(bytes: PackageResources.page_html, type: "text/html; charset=utf-8"),
      "/page.css": File(bytes: style, type: "text/css; charset=utf-8"),
      "/icon.svg": File(bytes: PackageResources.icon_svg, type: "image/svg+xml"),
    ]
    for (name, bytes) in scripts {
      files["/page/\(name).js"] = File(bytes: bytes, type: "text/javascript; charset=utf-8")
    }
    return files
  }()

  private static let style =
    PackageResources.base_css + PackageResources.live_css + PackageResources.views_css + PackageResources.print_css

  private static let scripts: [(String, [UInt8])] = [
    ("app", PackageResources.app_js), ("ask", PackageResources.ask_js), ("bar", PackageResources.bar_js),
    ("board", PackageResources.board_js), ("chart", PackageResources.chart_js), ("clock", PackageResources.clock_js),
    ("detail", PackageResources.detail_js), ("dom", PackageResources.dom_js), ("drift", PackageResources.drift_js),
    ("events", PackageResources.events_js), ("format", PackageResources.format_js),
    ("history", PackageResources.history_js), ("live", PackageResources.live_js), ("main", PackageResources.main_js),
    ("messages", PackageResources.messages_js), ("model", PackageResources.model_js),
    ("ranges", PackageResources.ranges_js), ("retraining", PackageResources.retraining_js),
    ("review", PackageResources.review_js), ("stream", PackageResources.stream_js),
    ("threshold", PackageResources.threshold_js), ("try", PackageResources.try_js),
    ("watchdog", PackageResources.watchdog_js), ("words", PackageResources.words_js),
    ("words-de", PackageResources.words_de_js), ("words-en", PackageResources.words_en_js),
    ("words-zh", PackageResources.words_zh_js),
  ]
}
