package import AssayData
package import AssayGraph
package import AssayImage
package import AssayRuntime

/// Images of which it is known which pixels show which class of defect.
package struct PatchData {
  /// For messages.
  package let root: String
  package let samples: [Sample]
  /// Each sample's file.
  package let pictures: [KnownPicture]
  package let backbone: any Backbone
  package let preprocessing: Preprocessing
  /// Classes of defect, in the order of the output.
  package let classes: [String]
  package let goodClass: String?

  /// - Parameters:
  ///   - data: of which all samples take part.
  ///   - classes: of defect, in the order of the output.
  package init(_ dataset: Dataset, _ data: ExtractedFeatures, classes: [String]) {
    root = dataset.root
    samples = data.samples
    pictures = data.samples.indices.map(data.picture)
    backbone = data.backbone
    preprocessing = data.preprocessing
    self.classes = classes
    goodClass = dataset.goodClass
  }

  /// Of one label an image: every class but the good one.
  package init(_ data: ExtractedDataset) {
    root = data.dataset.root
    samples = data.samples
    pictures = data.samples.indices.map(data.picture)
    backbone = data.backbone
    preprocessing = data.preprocessing
    classes = data.dataset.classes.filter { $0 != data.dataset.goodClass }
    goodClass = data.dataset.goodClass
  }
}
