extension Dataset {
  /// The task that decides between good and defective: the first classification with a good class, else the first
  /// classification. Its labels are the samples' ``Sample/label``.
  public var primaryTask: TaskDescription? {
    tasks.first { $0.kind == .classification && $0.goodClass != nil } ?? tasks.first { $0.kind == .classification }
  }

  /// The data set with some of the tasks that it offers.
  ///
  /// Samples, and with them whatever does not know of tasks, get the labels of the ``primaryTask``.
  /// - Parameter names: in the order wanted; nil for all.
  /// - Throws: ``DataError`` for a name that is not offered.
  public func choosing(tasks names: [String]?) throws(DataError) -> Dataset {
    var result = self
    var chosen: [TaskDescription] = []
    for name in names ?? offeredTasks.map(\.name) {
      guard let task = offeredTasks.first(where: { $0.name == name }) else {
        throw DataError(
          path: root,
          cause: "there is no task \(name)"
            + (offeredTasks.isEmpty ? "" : "; there are \(offeredTasks.map(\.name).joined(separator: ", "))"),
          remedy: offeredTasks.isEmpty
            ? "leave --tasks out, or give a CSV manifest with columns label:NAME, level:NAME or score:NAME"
            : "name some of these with --tasks")
      }
      guard !chosen.contains(task) else {
        throw DataError(path: root, cause: "the task \(name) is named twice", remedy: "name each task once")
      }
      chosen.append(task)
    }
    result.tasks = chosen
    let primary = result.primaryTask
    for index in result.samples.indices {
      result.samples[index].label = primary.flatMap { result.samples[index].targets[$0.name]?.label }
    }
    result.classes = primary?.classes ?? []
    result.goodClass = primary?.goodClass
    return result
  }

  /// Fills in the classes and levels that occur, and the good classes by their names.
  mutating func describeOfferedTasks() {
    for index in offeredTasks.indices {
      let name = offeredTasks[index].name
      let targets = samples.compactMap { $0.targets[name] }
      switch offeredTasks[index].kind {
      case .classification:
        offeredTasks[index].classes = Set(targets.compactMap(\.label)).sorted()
        offeredTasks[index].goodClass =
          offeredTasks[index].goodClass ?? GoodClass.find(in: offeredTasks[index].classes)
      case .ordinal: offeredTasks[index].levels = Set(targets.compactMap(\.value)).sorted()
      case .real: break
      }
    }
  }

  /// Makes a class the one that passes, in the first task that has it.
  /// - Returns: false when none has it.
  mutating func setGoodClass(_ name: String) -> Bool {
    guard let index = offeredTasks.firstIndex(where: { $0.classes.contains(name) }) else { return false }
    offeredTasks[index].goodClass = name
    return true
  }
}
