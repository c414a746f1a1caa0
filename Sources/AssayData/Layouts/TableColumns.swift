import Foundation

/// Titles of a table's columns as people write them.
enum TableColumns {
  private static let paths: Set<String> = [
    "path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "imagepath", "image_name",
    "imagename", "img", "img_path", "image_file", "imagefile", "image_id", "imageid", "datei", "bild", "fichier",
    "fichero", "archivo",
    "文件", "文件名", "图片", "파일", "ファイル", "файл",
  ]
  private static let labels: Set<String> = [
    "label", "class", "classname", "class_name", "category", "klasse", "classe", "clase", "class_label", "verdict",
    "etikett", "label_name",
    "类别", "标签", "ラベル", "クラス", "라벨", "класс", "метка",
  ]

  /// Titles in lower case; the only column of paths is called `path` and the only one of classes `label`, whatever they
  /// are called.
  static func canonical(_ titles: [String]) -> [String] {
    var columns = titles.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    func rename(_ names: Set<String>, to name: String, unless others: Set<String>) {
      guard !columns.contains(where: others.union([name]).contains) else { return }
      let own = columns.indices.filter { names.contains(columns[$0]) }
      if own.count == 1 { columns[own[0]] = name }
    }
    rename(paths, to: "path", unless: [])
    rename(labels, to: "label", unless: ["labels"])
    return columns
  }

  /// Whether a header has what a manifest needs.
  static func isManifest(_ titles: [String]) -> Bool {
    let columns = canonical(titles)
    return columns.contains("path")
      && (columns.contains("label") || columns.contains("labels") || columns.contains(where: TaskColumn.isTask))
  }
}
