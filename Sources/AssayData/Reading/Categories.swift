import Foundation

/// A folder of categories: data sets side by side, one for each kind of part.
public enum Categories {
  /// Paths of the categories below a folder, sorted by name; empty when the folder is a single data set.
  ///
  /// A subfolder is a category when it has the layout of MVTec AD, MVTec AD 2, VisA or DAGM 2007, or when it and all
  /// others beside it hold a folder of good parts of their own (`NAME/good`, `NAME/train/good`).
  public static func find(_ path: String) -> [String] {
    let root = FileTree.absolute(path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else { return [] }
    let tree = FileTree(root)
    let folders = tree.imageFolders(in: "").filter { $0 != "ground_truth" }
    func isCategory(_ name: String) -> Bool {
      let inside = tree.imageFolders(in: name)
      return inside.contains("good") || tree.imageFolders(in: name + "/train").contains("good")
        || tree.imageFolders(in: name + "/Data/Images").contains("Normal")
        || (name.hasPrefix("Class")
          && tree.files.contains { $0.hasPrefix(name + "/Train/Label/") || $0.hasPrefix(name + "/Test/Label/") })
    }
    let splits: Set<String> = ["train", "test", "validation", "val", "test_public", "train_good"]
    guard !folders.isEmpty, !folders.contains(where: { splits.contains($0.lowercased()) }) else { return [] }
    let found = folders.filter(isCategory)
    return found.count == folders.filter { $0 != "split_csv" }.count ? found.map { root + "/" + $0 } : []
  }
}
