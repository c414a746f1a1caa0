import AssayBase
import AssayImage
import Foundation

/// Finds out how a folder (or a CSV file) says what its images show, and reads it.
public enum DatasetReader {
  /// - Throws: ``DataError`` when nothing usable is there. What is unusable in part is listed in ``Dataset/problems``.
  public static func read(_ path: String, options: DatasetOptions = .init()) throws(DataError) -> Dataset {
    let root = FileTree.absolute(path)
    let reader = try TextReader(named: options.encoding)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder) else {
      throw DataError(
        path: path, reason: .notFound, cause: "there is no such file or folder", remedy: "check the path")
    }
    var dataset: Dataset
    if isFolder.boolValue {
      dataset = try LayoutDecision.read(FileTree(root, reader: reader))
    } else if [".csv", ".tsv"].contains(where: root.lowercased().hasSuffix) {
      dataset = try ManifestLayout.read(file: root, reader: reader)
      dataset.notes.insert(DataNote(.layout, "read as \(dataset.layout.rawValue): it was named"), at: 0)
    } else if root.lowercased().hasSuffix(".json") {
      dataset = try readDocument(root, reader)
      dataset.notes.insert(DataNote(.layout, "read as \(dataset.layout.rawValue): it was named"), at: 0)
    } else if ImageFile.extensions.contains(root.pathExtension.lowercased()) {
      dataset = Dataset(
        root: root.deletingLastPathComponent, layout: .unlabelled, classes: [], goodClass: nil,
        samples: [Sample(path: root, name: root.lastPathComponent)], problems: [])
    } else {
      throw DataError(
        path: path, cause: "it is neither a folder, a CSV manifest, a JSON file of annotations nor an image",
        remedy: "name a folder of images, a .csv with the columns path,label, or COCO's or Label Studio's .json")
    }
    guard !dataset.samples.isEmpty else {
      guard let first = dataset.leftOut.max(by: { $0.images < $1.images }), first.images > 0 else {
        throw DataError(
          path: path, cause: "no images were found",
          remedy: "put images into one folder for each class, or list them in a CSV with the columns path,label")
      }
      throw DataError(path: path, cause: "no image can be used: \(first.what): \(first.cause)", remedy: first.remedy)
    }
    dataset.samples.sort { $0.name < $1.name }
    dataset.composeLabels()
    dataset.leaveOutLostNames()
    dataset.noteWhatLiesOutside()
    if let encoding = options.encoding {
      dataset.encoding = encoding
      dataset.notes.append(
        DataNote(.encoding, "texts that are not UTF-8 and say nothing of it are read as \(encoding)"))
    }
    dataset.describeOfferedTasks()
    if options.tasks != nil || (dataset.layout == .manifest && !dataset.offeredTasks.isEmpty) {
      return try withTasks(dataset, options, path: path)
    }
    dataset.classes = Set(dataset.samples.flatMap(\.singleLabels)).sorted()
    dataset.findGoodClass()
    if let wanted = options.goodClass?.precomposedStringWithCanonicalMapping {
      guard dataset.classes.contains(wanted) else {
        throw DataError(
          path: path, cause: "there is no class \(wanted); there are \(dataset.classes.joined(separator: ", "))",
          remedy: "name one of these with --good")
      }
      dataset.goodClass = wanted
      dataset.goodClassReason = nil
    }
    return options.labels == .binary ? try binary(dataset, path: path) : dataset
  }

  private static func withTasks(
    _ dataset: Dataset, _ options: DatasetOptions, path: String
  ) throws(DataError) -> Dataset {
    guard options.labels == .native else {
      throw DataError(
        path: path, cause: "--labels binary is for data sets with one label an image",
        remedy: "leave it out and give a column label:NAME with two classes")
    }
    var dataset = dataset
    if let wanted = options.goodClass, !dataset.setGoodClass(wanted) {
      let known = dataset.offeredTasks.flatMap(\.classes)
      throw DataError(
        path: path, cause: "no task has a class \(wanted); there are \(known.joined(separator: ", "))",
        remedy: "name one of these with --good")
    }
    return try dataset.choosing(tasks: options.tasks)
  }

  /// COCO keeps its JSON beside the images or in a folder `annotations`.
  private static func readDocument(_ path: String, _ reader: TextReader) throws(DataError) -> Dataset {
    let folder = path.deletingLastPathComponent
    let isNested = folder.lastPathComponent.lowercased() == "annotations"
    let root = isNested ? folder.deletingLastPathComponent : folder
    let name = String(path.dropFirst(root.count + 1))
    guard let dataset = try AnnotationDocuments.read(FileTree(root, reader: reader), only: name) else {
      throw DataError(path: path, cause: "it holds no annotations", remedy: "export it again")
    }
    return dataset
  }

  /// Good against everything else. ELPV has its own usual cut.
  private static func binary(_ dataset: Dataset, path: String) throws(DataError) -> Dataset {
    var result = dataset
    if dataset.layout == .elpv {
      for index in result.samples.indices {
        let probability = Double(result.samples[index].annotations["probability"] ?? "") ?? 0
        result.samples[index].label = probability > 0.5 ? ELPVLayout.defective : ELPVLayout.functional
      }
      result.goodClass = ELPVLayout.functional
    } else {
      guard let good = dataset.goodClass else {
        throw DataError(
          path: path,
          cause: "no class is known to be good among \(dataset.classes.joined(separator: ", "))"
            + (dataset.goodClassReason.map { ": \($0)" } ?? ""),
          remedy: "name the good class with --good")
      }
      for index in result.samples.indices {
        let sample = result.samples[index]
        // Where classes are marked, any of them makes the part defective.
        let isGood = sample.labels.map(\.isEmpty) ?? (sample.label == good)
        result.samples[index].label = sample.label.map { _ in isGood ? good : "defect" }
        result.samples[index].labels = sample.labels.map { $0.isEmpty ? [] : ["defect"] }
        result.samples[index].regions = sample.regions.map { AnnotatedRegion(label: "defect", shape: $0.shape) }
      }
    }
    result.classes = Set(result.samples.compactMap(\.label)).sorted()
    return result
  }
}

extension Dataset {
  /// Finds the class that passes by its name, where the layout does not say.
  fileprivate mutating func findGoodClass() {
    guard goodClass == nil else { return }
    switch GoodClass.finding(in: classes) {
    case .found(let name): goodClass = name
    case .unknown(let reason):
      goodClassReason = reason
      if layout != .unlabelled {
        notes.append(
          DataNote(.goodClass, "no class is known to be good: \(reason); name it with --good", names: classes))
      }
    }
  }

  /// Where another program could not read a name it wrote U+FFFD, and several classes may have become one.
  fileprivate mutating func leaveOutLostNames() {
    func isLost(_ name: String) -> Bool { name.unicodeScalars.contains("\u{FFFD}") }
    samples.removeAll { sample in
      let names = [sample.label].compactMap { $0 } + sample.targets.values.compactMap(\.label)
      guard let name = names.first(where: isLost) else { return false }
      problems.append(
        DataProblem(
          file: sample.name, cause: "characters of its class \(name) were lost when it was written",
          remedy: "export the names again as UTF-8", kind: .encoding, image: sample.name))
      return true
    }
  }

  /// Names of classes are composed (NFC), however folders and files spell them.
  fileprivate mutating func composeLabels() {
    func composed(_ name: String) -> String { name.precomposedStringWithCanonicalMapping }
    for index in samples.indices {
      samples[index].label = samples[index].label.map(composed)
      samples[index].labels = samples[index].labels.map { Set($0.map(composed)) }
      for region in samples[index].regions.indices {
        samples[index].regions[region].label = composed(samples[index].regions[region].label)
      }
      for (task, target) in samples[index].targets {
        if case .label(let name) = target { samples[index].targets[task] = .label(composed(name)) }
      }
    }
  }
}
