// swift-tools-version: 6.2
// A package of your own that depends on Assay: by its path here, by its address and a version elsewhere.
import PackageDescription

let package = Package(
  name: "Dependant",
  dependencies: [.package(name: "Assay", path: "../..")],
  targets: [
    .executableTarget(
      name: "InspectPart", dependencies: [.product(name: "AssayInspection", package: "Assay")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ])
