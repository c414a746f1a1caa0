/// What names of folders say, whatever their capitals.
enum FolderNames {
  /// Folders that hold images and say nothing of them.
  private static let neutral: Set<String> = [
    "images", "image", "imgs", "img", "pictures", "picture", "pics", "photos", "photo", "photographs", "fotos", "foto",
    "bilder", "bild", "imagenes", "imágenes", "imagens", "immagini", "jpegimages", "jpgs", "jpg", "jpeg", "png", "pngs",
    "bmp", "tif", "tiff", "data", "datas", "dataset", "datasets", "default", "raw", "input", "inputs", "source", "src",
    "original", "originals", "files", "frames", "all", "samples", "upload", "uploads", "export", "camera",
    "obj_train_data",
    "图片", "图像", "影像", "数据", "画像", "写真", "이미지", "사진", "фото", "изображения",
  ]

  /// Folders that hold annotations, among them masks as images.
  private static let annotations: Set<String> = [
    "masks", "mask", "labels", "label", "lable", "lables", "annotations", "annotation", "anno", "annos", "ann", "anns",
    "ground_truth", "groundtruth", "ground-truth", "ground truth", "gt", "gts", "segmentation", "segmentations",
    "segmentationclass", "segmentationobject", "seg", "segs", "masken", "maske", "xml", "xmls", "json", "jsons", "txt",
    "bbox", "bboxes", "boxes", "targets", "imagesets",
  ]

  static func isNeutral(_ name: some StringProtocol) -> Bool { neutral.contains(name.lowercased()) }

  static func isOfAnnotations(_ name: some StringProtocol) -> Bool { annotations.contains(name.lowercased()) }

  /// Whether a path lies in a folder of masks or annotations.
  static func isOfMasks(_ path: String) -> Bool {
    path.split(separator: "/").dropLast().contains { isOfAnnotations($0) }
  }
}
