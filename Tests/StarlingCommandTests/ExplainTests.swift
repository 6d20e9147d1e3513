import LineByLine
import StarlingCommand
import Testing

@Suite("starling explain")
struct ExplainTests {
  @Test("The fixture: each product of the first window, with the sum so far")
  func forward() throws {
    let text = try explanation()
    #expect(
      text.contains(
        """
          Y[0,0]: the window of X at [0,0]
            B[0,0]                           0
            X[0,0] · K[0,0]   1 ·  1 =  1    1
            X[0,1] · K[0,1]   6 ·  2 = 12   13
            X[1,0] · K[1,0]   5 · -1 = -5    8
            X[1,1] · K[1,1]   3 ·  0 =  0    8

        """))
    #expect(text.contains("\n  Y  8  7\n     4  5\n"))
  }

  @Test("The fixture: dE/dK by its chain-rule terms")
  func kernelGradient() throws {
    let text = try explanation()
    #expect(
      text.contains(
        """
            (∂Y[0,0]/∂K[1,0] = X[1,0]) · dE/dY[0,0]   5 ·  1 =  5    5
            (∂Y[0,1]/∂K[1,0] = X[1,1]) · dE/dY[0,1]   3 ·  0 =  0    5
            (∂Y[1,0]/∂K[1,0] = X[2,0]) · dE/dY[1,0]   7 ·  2 = 14   19
            (∂Y[1,1]/∂K[1,0] = X[2,1]) · dE/dY[1,1]   0 · -1 =  0   19

        """))
    #expect(
      text.contains(
        """
          dE/dK   8  11    measured   8.00000  11.00000
                 19  -1              19.00000  -1.00000

        """))
  }

  @Test("The fixture: dE/dB untied and tied, and dE/dX twice")
  func otherGradients() throws {
    let text = try explanation()
    #expect(text.contains("  dE/dB  1   0    measured  1.00000   0.00000\n"))
    #expect(text.contains("  dE/db  2    measured  2.00000\n"))
    let dX = """
        dE/dX   1  2   0    measured   1.00000  2.00000   0.00000
                1  3  -2               1.00000  3.00000  -2.00000
               -2  1   0              -2.00000  1.00000   0.00000
      """
    #expect(text.split(separator: dX, omittingEmptySubsequences: false).count == 3)
    #expect(text.contains("  dE/dX[1,1] += dE/dY[1,0] · K[0,1]    2 ·  2 =  4    4\n"))
  }

  @Test("Every finite difference agrees to 1e-9 or better")
  func relativeErrors() throws {
    let errors = try explanation().split(separator: "\n")
      .filter { $0.contains("relative error") }
      .map { $0.split(separator: " ").last.map { String($0.dropLast()) } ?? "" }
    #expect(errors.count == 5)
    #expect(errors.allSatisfy { (Double($0) ?? 1) < 1e-9 }, "\(errors)")
  }

  @Test(
    "No line is wider than 80 columns",
    arguments: [
      (nil, nil), ("1.5 -2.25 3; 0.001 -0.12345 7", "-0.5 2"),
      ("-100 200 -300; 400 -500 600; -700 800 -900", "12 -34; 56 -78"),
      ("1 2 3 4 5 6; 1 2 3 4 5 6; 1 2 3 4 5 6; 1 2 3 4 5 6; 1 2 3 4 5 6; 1 2 3 4 5 6", "1 2 3"),
    ] as [(String?, String?)])
  func width(x: String?, k: String?) throws {
    for line in try Explanation(ExplainInput(x: x, k: k)).lines {
      #expect(line.count <= 80, "\(line)")
      #expect(line.last != " ", "\(line)")
    }
  }

  @Test("The reader's own numbers, and what stands in for those not given")
  func ownNumbers() throws {
    let own = try ExplainInput(x: "1 2.5 -3", k: "−1 0", dY: " 4  5 ", bias: "0.5")
    #expect(own.X == [[1, 2.5, -3]] && own.K == [[-1, 0]])
    #expect(own.dY == [[4, 5]] && own.B == [[0.5]])
    #expect(try ExplainInput(x: "1 2; 3 4", k: "5").dY == [[1, 1], [1, 1]])
    #expect(try ExplainInput(bias: "1 2; 3 4").B == [[1, 2], [3, 4]])
    #expect(try ExplainInput().dY == [[1, 0], [2, -1]])
    let text = try Explanation(own).lines.joined(separator: "\n")
    #expect(text.contains("\n  Y  -0.5  -2\n"))
  }

  @Test(
    "Numbers that do not do are errors that name the option, the row and the remedy",
    arguments: [
      (["1 2; 3", nil, nil, nil], "--x, row 2: there is 1 number, but row 1 has 2; give all rows"),
      (
        ["1 2; 3 a", nil, nil, nil], "--x, row 2: \"a\" is not a number; write it as --x \"1 2; -1"
      ),
      (["1 nan", nil, nil, nil], "--x, row 1: nan is not finite; give numbers up to 9999"),
      (["1 -1e999", nil, nil, nil], "--x, row 1: -1e999 is not finite; give numbers up to 9999"),
      (["1 12345", nil, nil, nil], "--x, row 1: 12345 is too long a number to read; give"),
      (["", nil, nil, nil], "--x, row 1: there is no number; write it as --x"),
      ([nil, "1;;2", nil, nil], "--k, row 2: there is no number; write it as --k"),
      (["1 2 3 4 5 6 7", nil, nil, nil], "--x is 1×7, and every product is printed; give at most"),
      (["1", "1 2", nil, nil], "--k is 1×2 and does not fit into --x of 1×1; give a kernel (--k)"),
      (["1", nil, nil, nil], "the kernel is 2×2 and does not fit into --x of 1×1; give a kernel"),
      ([nil, nil, "1 2 3", nil], "--dy is 1×3, but X ⋆ K is 2×2; give --dy 2 rows of 2 numbers"),
      (
        [nil, nil, nil, "1 2"], "--bias is 1×2, but X ⋆ K is 2×2; give --bias one number, or 2 rows"
      ),
    ] as [([String?], String)])
  func errors(options: [String?], beginning: String) {
    let error = #expect(throws: (any Error).self) {
      try ExplainInput(x: options[0], k: options[1], dY: options[2], bias: options[3])
    }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.hasPrefix(beginning), "\(text)")
    #expect(!text.contains("\n"))
  }

  private func explanation() throws -> String {
    try Explanation(ExplainInput()).lines.joined(separator: "\n") + "\n"
  }
}
