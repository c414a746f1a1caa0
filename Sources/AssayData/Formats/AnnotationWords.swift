/// Words by which files of annotations are known, lower case.
enum AnnotationWords {
  /// What a thing is marked by.
  static let geometry: Set<String> = [
    "bbox", "bboxes", "bndbox", "box", "boxes", "boundingbox", "bounding_box", "boundingboxes", "bounding_boxes",
    "rect",
    "rectangle", "rectangles", "polygon", "polygons", "polyline", "points", "segmentation", "segmentations", "shapes",
    "shape_attributes", "region_attributes", "regions", "xmin", "ymin", "xmax", "ymax", "x1", "y1", "x2", "y2",
    "keypoints", "rle", "shape_type",
    "bitmap", "objects", "contour", "contours",
  ]

  /// What says which class it is.
  static let classes: Set<String> = [
    "annotation", "annotations", "label", "labels", "class", "classes", "class_id", "classid", "class_name",
    "classname",
    "classtitle", "category", "categories", "category_id", "object", "objects", "defect", "defects", "tag", "tags",
    "name",
    "ground_truth", "gt", "target", "targets", "verdict", "result", "results", "anomaly", "quality", "ok", "ng",
  ]

  static let all = geometry.union(classes)
}
