/// Files of weights as their publishers name them. Where a name carries the beginning of the file's SHA-256, a file is
/// recognised by its content, however it is called.
public struct PublishedWeights: Sendable, Equatable {
  public let file: String
  public let publisher: String
  public let licence: String
  /// Of ``NetworkRecognition``.
  public let network: String
  /// Side of the images that they are evaluated with, in pixels.
  public let inputSize: Int
  /// Shorter side that photographs are brought to before the middle square of ``inputSize`` is cut out.
  public let resizedTo: Int
  /// Where it is not the network's usual one.
  public let normalisation: ImportedBackbone.Normalisation?
  public let convention: InvertedResidualNetwork.Convention?

  private init(
    _ file: String, _ publisher: String, _ licence: String, _ network: String, _ inputSize: Int = 224,
    _ resizedTo: Int = 256, normalisation: ImportedBackbone.Normalisation? = nil,
    convention: InvertedResidualNetwork.Convention? = nil
  ) {
    self.file = file
    self.publisher = publisher
    self.licence = licence
    self.network = network
    self.inputSize = inputSize
    self.resizedTo = resizedTo
    self.normalisation = normalisation
    self.convention = convention
  }

  /// The first hexadecimal digits of the file's SHA-256; nil where its name does not carry them.
  public var hashPrefix: String? { Self.hashPrefix(inName: file) }

  /// The digits between the last hyphen and the extension, eight or more (torch.hub's rule). A date of eight digits is none.
  public static func hashPrefix(inName name: String) -> String? {
    let stem = name.split(separator: "/").last?.split(separator: ".").first ?? ""
    guard let hyphen = stem.lastIndex(of: "-") else { return nil }
    let digits = stem[stem.index(after: hyphen)...]
    guard (8...64).contains(digits.count), digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else { return nil }
    if digits.count == 8, digits.allSatisfy(\.isNumber), let month = Int(digits.dropFirst(4).prefix(2)),
      let day = Int(digits.suffix(2)), ["19", "20"].contains(digits.prefix(2)), (1...12).contains(month),
      (1...31).contains(day)
    {
      return nil
    }
    return String(digits)
  }

  /// - Parameter sha256: of a file, hexadecimal.
  public static func file(withHash sha256: String) -> PublishedWeights? {
    all.first { published in published.hashPrefix.map(sha256.hasPrefix) ?? false }
  }

  private static let torchvision = "torchvision, ImageNet-1k"
  private static let bsd = "BSD-3-Clause"
  private static let apache = "Apache-2.0"
  private static let dinov2 = "Meta AI, DINOv2, LVD-142M"

  public static let all: [PublishedWeights] = [
    .init("resnet18-f37072fd.pth", torchvision, bsd, "resnet18"),
    .init("resnet34-b627a593.pth", torchvision, bsd, "resnet34"),
    .init("resnet50-0676ba61.pth", torchvision, bsd, "resnet50"),
    .init("resnet50-11ad3fa6.pth", torchvision, bsd, "resnet50", 224, 232),
    .init("resnet101-63fe2227.pth", torchvision, bsd, "resnet101"),
    .init("resnet101-cd907fc2.pth", torchvision, bsd, "resnet101", 224, 232),
    .init("resnet152-394f9c45.pth", torchvision, bsd, "resnet152"),
    .init("resnet152-f82ba261.pth", torchvision, bsd, "resnet152", 224, 232),
    .init("wide_resnet50_2-95faca4d.pth", torchvision, bsd, "wide-resnet50-2"),
    .init("wide_resnet50_2-9ba9bcbe.pth", torchvision, bsd, "wide-resnet50-2", 224, 232),
    .init("vgg16-397923af.pth", torchvision, bsd, "vgg16"),
    .init("vgg16_bn-6c64b313.pth", torchvision, bsd, "vgg16-bn"),
    .init("vgg19-dcbb9e9d.pth", torchvision, bsd, "vgg19"),
    .init("vgg19_bn-c79401a0.pth", torchvision, bsd, "vgg19-bn"),
    .init("inception_v3_google-0cc3c7bd.pth", torchvision, bsd, "inception-v3", 299, 342),
    .init("mobilenet_v2-b0353104.pth", torchvision, bsd, "mobilenet-v2"),
    .init("mobilenet_v2-7ebf99e0.pth", torchvision, bsd, "mobilenet-v2", 224, 232),
    .init("mobilenet_v3_small-047dcff4.pth", torchvision, bsd, "mobilenet-v3-small"),
    .init("mobilenet_v3_large-8738ca79.pth", torchvision, bsd, "mobilenet-v3-large"),
    .init("mobilenet_v3_large-5c1a4163.pth", torchvision, bsd, "mobilenet-v3-large", 224, 232),
    .init("efficientnet_b0_rwightman-7f5810bc.pth", torchvision, bsd, "efficientnet-b0"),
    .init("efficientnet_b1_rwightman-bac287d4.pth", torchvision, bsd, "efficientnet-b1", 240, 256),
    .init("efficientnet_b1-c27df63c.pth", torchvision, bsd, "efficientnet-b1", 240, 255),
    .init("efficientnet_b2_rwightman-c35c1473.pth", torchvision, bsd, "efficientnet-b2", 288, 288),
    .init("efficientnet_b3_rwightman-b3899882.pth", torchvision, bsd, "efficientnet-b3", 300, 320),
    .init("efficientnet_b4_rwightman-23ab8bcd.pth", torchvision, bsd, "efficientnet-b4", 380, 384),
    .init("convnext_tiny-983f1562.pth", torchvision, bsd, "convnext-tiny", 224, 236),
    .init("convnext_small-0c510722.pth", torchvision, bsd, "convnext-small", 224, 230),
    .init("convnext_base-6075fbad.pth", torchvision, bsd, "convnext-base", 224, 232),
    .init("vit_b_16-c867db91.pth", torchvision, bsd, "vit-b16"),
    .init("mobilenetv2_100_ra-b33bc2c4.pth", "timm, ImageNet-1k", apache, "mobilenet-v2"),
    .init("mobilenetv3_small_100_lamb-266a294c.pth", "timm, ImageNet-1k", apache, "mobilenet-v3-small"),
    .init("efficientnet_b0_ra-3dd342df.pth", "timm, ImageNet-1k", apache, "efficientnet-b0"),
    .init("efficientnet_b1-533bc792.pth", "timm, ImageNet-1k", apache, "efficientnet-b1", 256, 256),
    .init("efficientnet_b2_ra-bcdf34b7.pth", "timm, ImageNet-1k", apache, "efficientnet-b2", 288, 288),
    .init("efficientnet_b3_ra2-cf984f9c.pth", "timm, ImageNet-1k", apache, "efficientnet-b3", 320, 320),
    .init("efficientnet_b4_ra2_320-7eb33cd5.pth", "timm, ImageNet-1k", apache, "efficientnet-b4", 384, 384),
    .init(
      "efficientnet_lite0_ra-37913777.pth", "timm, ImageNet-1k", apache, "efficientnet-lite0", convention: .symmetric),
    .init("tf_efficientnet_lite0-0aa007d2.pth", "Google, by timm", apache, "efficientnet-lite0"),
    .init("tf_efficientnet_lite1-bde8b488.pth", "Google, by timm", apache, "efficientnet-lite1", 240, 272),
    .init("tf_efficientnet_lite2-dcccb7df.pth", "Google, by timm", apache, "efficientnet-lite2", 260, 292),
    .init("tf_efficientnet_lite3-b733e338.pth", "Google, by timm", apache, "efficientnet-lite3", 300, 332),
    .init("tf_efficientnet_lite4-741542c3.pth", "Google, by timm", apache, "efficientnet-lite4", 380, 413),
    .init("timm/resnetv2_50.a1h_in1k: model.safetensors", "timm, ImageNet-1k", apache, "resnetv2-50", 288, 288),
    .init(
      "timm/resnetv2_50x1_bit.goog_distilled_in1k: model.safetensors", "Google, by timm", apache, "resnetv2-50-bit"),
    .init("timm/convnext_tiny.fb_in1k: model.safetensors", "Meta AI, by timm", apache, "convnext-tiny", 288, 288),
    .init(
      "timm/vit_small_patch16_224.augreg_in21k_ft_in1k: model.safetensors", "Google, by timm", apache, "vit-s16", 224,
      248),
    .init("dinov2_vits14_pretrain.pth", dinov2, apache, "dinov2-s14"),
    .init("dinov2_vitb14_pretrain.pth", dinov2, apache, "dinov2-b14"),
    .init("dinov2_vits14_reg4_pretrain.pth", dinov2, apache, "dinov2-s14-registers"),
    .init("dinov2_vitb14_reg4_pretrain.pth", dinov2, apache, "dinov2-b14-registers"),
  ]
}
