import AssayMetrics

extension HTMLReport {
  static func task(_ task: ReportContent.TaskResult) -> Section {
    var html = "<p>\(Markup.escape(task.verdict))</p>" + figures(task.figures)
    var drawings = ""
    if let matrix = task.confusion, matrix.classCount == task.classes.count {
      drawings += figure(
        confusionTable(task.classes, matrix),
        "Each row is what the parts really are, each column what the inspector finds most probable.")
    }
    if !task.values.isEmpty {
      let plot = ScatterPlot(values: task.values, halfWidth: task.halfWidth, name: task.name)
      drawings += figure(
        plot.svg(),
        "Each dot is a part; on the dashed line the inspector is right."
          + (task.halfWidth == nil ? "" : " The thin lines are the interval that it states."))
    }
    if !drawings.isEmpty { html += "<div class=\"pair\">\(drawings)</div>" }
    return Section(id: "task-\(Markup.escape(task.name))", title: "Task: \(task.name)", html: html)
  }
}
