// dE/dX for one input and one kernel, by two ways that give the same numbers.
//
// Each Y_rc was made from the window of X at r, c. So dE/dY_rc goes back to that window, each entry of
// it getting the share that it had: K_uv. Told from the side of Y this is scattering; told from the
// side of X, collecting what comes back to one entry, it is gathering.

/// dE/dX by scattering: every dE/dY_rc adds dE/dY_rc · K to the window that Y_rc came from.
///
/// The kernel is not rotated here, and yet it is the same as gathering: what lands on X_rc comes from
/// windows above and to the left of it, and the further up the window, the further down in K.
public func inputGradientByScattering(_ dY: Matrix, _ K: Matrix) -> Matrix {
  var dX = Matrix(rows: dY.rows + K.rows - 1, columns: dY.columns + K.columns - 1)
  for r in 0..<dY.rows {
    for c in 0..<dY.columns {
      for u in 0..<K.rows {
        for v in 0..<K.columns {
          dX[r + u, c + v] += dY[r, c] * K[u, v]
        }
      }
    }
  }
  return dX
}

/// dE/dX by gathering: dE/dX = dE/dY ∗ K, the full convolution, for which the kernel is rotated.
public func inputGradientByGathering(_ dY: Matrix, _ K: Matrix) -> Matrix {
  dY ∗ K
}
