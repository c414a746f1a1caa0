// swift-tools-version: 6.2
import PackageDescription

/// `make` sets this variable, so that a warning stops our own builds and CI but not a build with a newer compiler.
let warningsAreErrors = Context.environment["ASSAY_WARNINGS_AS_ERRORS"] == "1"
let settings: [SwiftSetting] =
  [.swiftLanguageMode(.v6)] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = true) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: settings)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "Assay",
  products: [
    .executable(name: "assay", targets: ["assay"]),
    .library(name: "AssayWorkflows", targets: ["AssayWorkflows"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // C modules: headers and tiny inline shims. Their .pc files are written by `make setup`.
    .systemLibrary(name: "CCodecs", pkgConfig: "assay-codecs"),
    .systemLibrary(name: "CFileSystem"),
    .systemLibrary(name: "COneDNN", pkgConfig: "assay-onednn"),
    .systemLibrary(name: "COpenVINO", pkgConfig: "assay-openvino"),

    // Hot loops of training for several instruction sets, which only C can be compiled for side by side.
    .target(name: "CKernels"),

    library("AssayImage", ["CCodecs"]),
    library("AssayData", ["AssayImage", crypto]),
    library("AssayMetrics"),
    library(
      "AssayModel", ["AssayImage", "CFileSystem", crypto, .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto"]),
    library("AssayRuntime", ["AssayModel", "AssayImage", "COpenVINO", crypto]),
    library("AssayLearning", ["AssayMetrics", "AssayModel", "COneDNN"]),
    library("AssayTraining", ["AssayModel", "CKernels", "COneDNN"]),
    library("AssayReport", ["AssayMetrics", "AssayImage"]),
    library(
      "AssayWorkflows",
      [
        "AssayData", "AssayImage", "AssayLearning", "AssayMetrics", "AssayModel", "AssayReport", "AssayRuntime",
        "AssayTraining",
      ]),
    .executableTarget(
      name: "assay",
      dependencies: [
        "AssayData", "AssayImage", "AssayLearning", "AssayModel", "AssayRuntime", "AssayTraining", "AssayWorkflows",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    tests("AssayImage"),
    tests("AssayData", ["AssayImage"], fixtures: false),
    tests("AssayMetrics"),
    tests("AssayModel", ["AssayImage"], fixtures: false),
    tests("AssayRuntime", ["AssayImage", "AssayLearning", "AssayModel"]),
    tests("AssayLearning", ["AssayModel"]),
    tests("AssayTraining", ["AssayModel"]),
    tests("AssayReport", ["AssayMetrics"], fixtures: false),
    tests(
      "AssayWorkflows", ["AssayData", "AssayImage", "AssayLearning", "AssayModel", "AssayRuntime", "AssayTraining"],
      fixtures: false),
  ]
)
