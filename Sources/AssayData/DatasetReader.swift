import AssayImage
import Foundation

/// Finds out how a folder (or a CSV file) says what its images show, and reads it.
public enum DatasetReader {
  /// - Throws: ``DataError`` when nothing usable is there. What is unusable in part is listed in ``Dataset/problems``.
  public static func read(_ path: String, options: DatasetOptions = .init()) throws(DataError) -> Dataset {
    let root = FileTree.absolute(path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder) else {
      throw DataError(
        path: path, reason: .notFound, cause: "there is no such file or folder", remedy: "check the path")
    }
    var dataset: Dataset
    if isFolder.boolValue {
      dataset = try readFolder(root, given: path)
    } else if root.lowercased().hasSuffix(".csv") {
      dataset = try ManifestLayout.read(file: root)
    } else if root.lowercased().hasSuffix(".json") {
      dataset = try readDocument(root)
    } else if ImageFile.extensions.contains((root as NSString).pathExtension.lowercased()) {
      dataset = Dataset(
        root: (root as NSString).deletingLastPathComponent, layout: .unlabelled, classes: [], goodClass: nil,
        samples: [Sample(path: root, name: (root as NSString).lastPathComponent)], problems: [])
    } else {
      throw DataError(
        path: path, cause: "it is neither a folder, a CSV manifest, a JSON file of annotations nor an image",
        remedy: "name a folder of images, a .csv with the columns path,label, or COCO's or Label Studio's .json")
    }
    guard !dataset.samples.isEmpty else {
      let first = dataset.problems.first.map { " (\($0))" } ?? ""
      throw DataError(
        path: path, cause: "no images were found\(first)",
        remedy: "put images into one folder for each class, or list them in a CSV with the columns path,label")
    }
    dataset.samples.sort { $0.name < $1.name }
    dataset.describeOfferedTasks()
    if options.tasks != nil || (dataset.layout == .manifest && !dataset.offeredTasks.isEmpty) {
      return try withTasks(dataset, options, path: path)
    }
    dataset.classes = Set(dataset.samples.flatMap(\.singleLabels)).sorted()
    dataset.goodClass = dataset.goodClass ?? GoodClass.find(in: dataset.classes)
    if let wanted = options.goodClass {
      guard dataset.classes.contains(wanted) else {
        throw DataError(
          path: path, cause: "there is no class \(wanted); there are \(dataset.classes.joined(separator: ", "))",
          remedy: "name one of these with --good")
      }
      dataset.goodClass = wanted
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

  private static func readFolder(_ root: String, given path: String) throws(DataError) -> Dataset {
    let tree = FileTree(root)
    // What `assay data --convert csv` writes: the manifest says what its folders are.
    if tree.files.contains(ConversionPlan.manifest) {
      return try ManifestLayout.read(file: root + "/" + ConversionPlan.manifest)
    }
    if let found = try ELPVLayout.read(tree) { return found }
    if let found = MagneticTileLayout.read(tree) { return found }
    if let found = XSDDLayout.read(tree) { return found }
    if let found = SeverstalLayout.read(tree) { return found }
    if let found = MVTecLOCOLayout.read(tree) { return found }
    if let found = MVTecLayout.read(tree) { return found }
    if let found = VisALayout.read(tree) { return found }
    if let found = DAGMLayout.read(tree) { return found }
    if let found = KolektorLayout.read(tree) { return found }
    if let found = CastingLayout.read(tree) { return found }
    if let found = AITEXLayout.read(tree) { return found }
    if let found = DeepPCBLayout.read(tree) { return found }
    if let found = PascalVOCLayout.read(tree) { return found }
    if let found = try CVATLayout.read(tree) { return found }
    if let found = try AnnotationDocuments.read(tree) { return found }
    if let found = try YOLOLayout.read(tree) { return found }
    if let found = NEUCLSLayout.read(tree) { return found }
    if let found = ClassFoldersLayout.read(tree) { return found }
    let tables = tree.files.filter { $0.lowercased().hasSuffix(".csv") }
    if tables.count == 1 { return try ManifestLayout.read(file: root + "/" + tables[0]) }
    let images = tree.images(in: "")
    return Dataset(
      root: root, layout: .unlabelled, classes: [], goodClass: nil,
      samples: images.map { Sample(path: root + "/" + $0, name: $0) }, problems: tree.problems)
  }

  /// COCO keeps its JSON beside the images or in a folder `annotations`.
  private static func readDocument(_ path: String) throws(DataError) -> Dataset {
    let folder = (path as NSString).deletingLastPathComponent
    let isNested = (folder as NSString).lastPathComponent.lowercased() == "annotations"
    let root = isNested ? (folder as NSString).deletingLastPathComponent : folder
    let name = String(path.dropFirst(root.count + 1))
    guard let dataset = try AnnotationDocuments.read(FileTree(root), only: name) else {
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
          path: path, cause: "no class is known to be good among \(dataset.classes.joined(separator: ", "))",
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
