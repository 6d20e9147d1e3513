import CStarlingKernels

/// How large the tiles of a Winograd convolution with 3 × 3 kernels are.
///
/// Winograd's minimal filtering computes m × m outputs from (m + 2)² products a pair of channels, where the
/// formula of the convolution takes 9 m²:
///
///     Y = Aᵀ [ Σ_i (G g_ji Gᵀ) ⊙ (Bᵀ d_i B) ] A
///
/// with an input tile d of (m + 2)² pixels, which overlaps the next one by 2, and a kernel g. Behind it is the
/// product of two polynomials, found from its values at m + 2 points: the rows of Bᵀ, G and Aᵀ belong to points.
/// The sum over the input channels i is a product of matrices for each of the (m + 2)² elements,
/// [tiles × input channels] · [input channels × depth], and that is where the time goes.
///
/// | | products a pixel | points | largest error over standard deviation of Y |
/// | --- | --- | --- | --- |
/// | direct | 9 | | 1e-6 |
/// | ``small`` | 4 | 0, 1, −1, ∞ | 0.9e-6 … 2.7e-6 |
/// | ``large`` | 2.25 | 0, ±√½, ±√2, ∞ | 3.6e-6 … 1.2e-5 |
///
/// (The errors are those of normal numbers with 16 to 256 input channels.)
/// With the integers 0, ±1, ±2, ∞, which Lavin and Gray use, the error of the large tile is five times what it is
/// with these points; the mixed points 0, ±1, 1/2, −2, ∞ come between. ±√½ and ±√2 make the transforms
/// as cheap as any: points in pairs ±p share their even and odd parts, and a² b² = 1 saves two factors.
///
/// Source: A. Lavin and S. Gray, *Fast Algorithms for Convolutional Neural Networks*, CVPR 2016.
package enum WinogradSize: Int, CaseIterable, Sendable {
  /// F(2 × 2, 3 × 3): 16 products for 4 outputs.
  case small = 2
  /// F(4 × 4, 3 × 3): 36 products for 16 outputs.
  case large = 4

  /// How many elements a transformed tile has.
  package var elements: Int { (rawValue + 2) * (rawValue + 2) }
}

/// The transforms of one tile size with one instruction set.
struct WinogradTransforms: @unchecked Sendable {
  /// Numbers in a vector.
  let lanes: Int
  private let table: UnsafePointer<starling_winograd_table>
  private let size: WinogradSize

  init(_ size: WinogradSize, for set: InstructionSet) {
    self.size = size
    table = starling_winograd_loops(set.table)
    lanes = Int(table.pointee.lanes)
  }

  /// The loops, as the C room describes them.
  var loops: starling_winograd_transforms {
    switch size {
    case .small: table.pointee.small
    case .large: table.pointee.large
    }
  }
}
