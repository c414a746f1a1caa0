import AssayData
import AssayTestSupport
import Foundation
import Synchronization

/// Data sets whose annotation file is anything, each format by itself: the way from the folder to marked pixels.
enum AnnotationTargets {
  static let all = AnnotationKind.all.map { kind in
    let folder = DataFolder(kind)
    return FuzzTarget(
      "data-" + kind.description.lowercased().replacing(" ", with: "-"), longest: 4096, throwing: DataError.self,
      seeds: [Array(kind.text.utf8)] + (more[kind.description] ?? []).map { Array($0.utf8) }
    ) { bytes in
      let path = folder.path(with: bytes)
      let dataset = try DatasetReader.read(path)
      _ = DataReading(dataset).notices
      let drawing = AnnotationDrawing(colours: [:], maximumSide: 64, minimumSide: 32)
      for sample in dataset.samples where sample.hasPixelTruth {
        _ = try? sample.markedPixels(width: 24, height: 24)
        _ = try? drawing.draw(sample)
      }
    }
  }

  /// Forms that the kinds' own files do not show.
  private static let more: [String: [String]] = [
    "COCO": [
      #"{"images": [{"id": 1, "file_name": "2.jpg", "width": 24, "height": 24}], "categories": [{"id": 1, "name": "bent"}], "annotations": [{"image_id": 1, "category_id": 1, "segmentation": {"size": [24, 24], "counts": "12o0"}, "iscrowd": 1}, {"image_id": 1, "category_id": 1, "segmentation": {"size": [24, 24], "counts": [10, 5, 561]}}, {"image_id": 1, "category_id": 1, "segmentation": [[1, 1, 9, 1, 9, 9.5]], "bbox": [1, 1, 8, 8]}]}"#
    ],
    "Label Studio": [
      #"[{"data": {"image": "/u/2.jpg"}, "annotations": [{"result": [{"type": "polygonlabels", "original_width": 24, "original_height": 24, "value": {"points": [[1, 1], [50, 1], [50, 50]], "polygonlabels": ["bent"]}}, {"type": "brushlabels", "original_width": 24, "original_height": 24, "value": {"format": "rle", "rle": [0, 0, 9, 0, 57, 136, 136, 136, 0], "brushlabels": ["bent"]}}, {"type": "ellipselabels", "original_width": 24, "original_height": 24, "value": {"x": 5, "y": 5, "radiusX": 2, "radiusY": 3, "rotation": 30, "ellipselabels": ["bent"]}}]}]}]"#
    ],
    "labelme": [
      #"{"shapes": [{"label": "bent", "points": [[2, 3], [9, 10]], "shape_type": "circle"}, {"label": "bent", "points": [[2, 3], [9, 10], [4, 4]], "shape_type": "polygon"}], "imagePath": "3.jpg"}"#
    ],
    "CVAT": [
      #"<annotations><image name="2.jpg" width="24" height="24"><polygon label="bent" points="1,1;9,1;9,9"/><mask label="bent" rle="3, 5, 8" left="2" top="2" width="4" height="4"/><tag label="bent"/><ellipse label="bent" cx="5" cy="5" rx="2" ry="3"/></image></annotations>"#
    ],
    "YOLO names": [
      "path: &a ../data\ntrain: [images, *a]\nnames: !!map {0: 'it''s', 1: \"b\\n\", 2: |\n  c\n}\n",
      "names: [a, [b], {c: d}]\n? x\n: y\n",
    ],
  ]
}

/// A data set of which one file changes. Readers look at the same folder one after another.
private final class DataFolder: Sendable {
  private let kind: AnnotationKind
  private let made = Mutex<TemporaryFolder?>(nil)

  init(_ kind: AnnotationKind) { self.kind = kind }

  func path(with bytes: [UInt8]) -> String {
    made.withLock { made in
      let folder = made ?? ScratchFolder.make()
      if made == nil {
        for (number, name) in kind.images.enumerated() { folder.picture(name, seed: number) }
        for (name, text) in kind.others { folder.write(name, text) }
        made = folder
      }
      folder.write(kind.file, bytes)
      return folder.path
    }
  }
}
