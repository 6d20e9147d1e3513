// swift-tools-version: 6.2
import PackageDescription

let features: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// `Starling` and `CStarlingKernels` are links to the sources of the package above: see README.md.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  targets: [
    .target(name: "CStarlingKernels"),
    .target(
      name: "Starling", dependencies: ["CStarlingKernels"], exclude: ["Starling.docc"],
      swiftSettings: features),
    .target(name: "CPeak"),
    .executableTarget(
      name: "micro", dependencies: ["Starling", "CStarlingKernels", "CPeak"],
      swiftSettings: features),
  ],
  swiftLanguageModes: [.v6]
)
