// Mixtures of experts: who takes a row, and what they make of it.
#ifndef DIALECTS_TRANSFORMER_EXPERTOPS_TD
#define DIALECTS_TRANSFORMER_EXPERTOPS_TD

include "dialects/Transformer/TransformerOpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Transformer_RouteOp
    : Transformer_Op<"route", [AllTypesMatch<["scores", "result"]>]> {
  let summary = "Chooses the experts of each row, and how much each counts";
  let description = [{
    The `top_k` columns of a row with the largest c are chosen; of equal ones
    the first.

        result[r,e] = scale * p[r,e] / norm   where e is chosen, otherwise 0

        softmax: p[r,:] = softmax(scores[r,:])
        sigmoid: p[r,e] = 1 / (1 + exp(-scores[r,e]))

    `norm` is 1, or with `normalise` the sum of p over the chosen. c is p, or
    with a correction p[r,e] + correction[e].

    Of `groups` of as many neighbouring columns only `top_groups` take part: those
    with the largest c in them, or with `two_best` the largest sum of two; of
    equal ones the first (DeepSeek-AI 2024).

    Constraints: (c1) top_k lies between 1 and the number of columns in the
    groups that take part; (c2) scale is finite and not 0; (c3) groups divide the
    columns evenly; (c4) top_groups lies between 1 and groups; (c5) the two best
    are of two columns or more; (c6) the correction has a value for each column.

    Example: two of eight experts, whose weights add up to 1.

    ```mlir
    %gates = transformer.route softmax %x top_k = 2 normalise : tensor<?x8xf32>
    ```

    Example: as many, of the best two of four pairs.

    ```mlir
    %gates = transformer.route sigmoid %x corrected by %w top_k = 2 groups = 4 top_groups = 2
        two_best : tensor<?x8xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Transformer_RouterAttr:$router, Transformer_Matrix:$scores,
                       Optional<Transformer_Vector>:$correction, Transformer_Size:$top_k,
                       DefaultValuedAttr<Transformer_Size, "1">:$groups,
                       DefaultValuedAttr<Transformer_Size, "1">:$top_groups,
                       UnitAttr:$two_best, UnitAttr:$normalise,
                       DefaultValuedAttr<Transformer_Real, "1.0">:$scale);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $router $scores (`corrected` `by` $correction^)? `top_k` `=` $top_k
    (`groups` `=` $groups^)? (`top_groups` `=` $top_groups^)? (`two_best` $two_best^)?
    (`normalise` $normalise^)? (`scale` `=` $scale^)?
    attr-dict `:` type($scores) (`,` type($correction)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_ExpertsOp
    : Transformer_RowwiseOp<"experts", [SingleBlock]> {
  let summary = "The weighted sum of what the experts of each row make of it";
  let description = [{
        result[r,:] = sum_e gates[r,e] * body(x[r,:], e)

    over the columns e of the gates where gates[r,e] is not 0, in ascending
    order. The body works row by row on the rows that chose an expert; its
    second argument is the expert's number, an index for weights.

    Constraints: (c1) the body takes rows as wide as x and an index, and yields
    rows as wide as x; (c2) it reads no rows from outside; (c3) its ops work row
    by row.

    Example: eight experts, each a linear map.

    ```mlir
    func.func @experts(%x: tensor<?x6xf32>, %gates: tensor<?x8xf32>) -> tensor<?x6xf32> {
      %y = transformer.experts %x, %gates {
      ^bb0(%chosen: tensor<?x6xf32>, %e: index):
        %w = transformer.weight "experts.{i}.weight"[%e] : tensor<6x6xf32>
        %z = transformer.linear %chosen, %w : tensor<?x6xf32>, tensor<6x6xf32>
        transformer.yield %z : tensor<?x6xf32>
      } : tensor<?x6xf32>, tensor<?x8xf32>
      return %y : tensor<?x6xf32>
    }
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Matrix:$gates);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat =
      "$x `,` $gates $body attr-dict `:` type($x) `,` type($gates)";
  let extraClassDeclaration = [{
    int64_t count() { return getGates().getType().getDimSize(1); }
    /// How many experts the index runs over; none if it is no expert's number.
    static std::optional<int64_t> countOf(::mlir::Value index);
  }];
  let hasVerifier = 1;
}

def Transformer_YieldOp
    : Transformer_Op<"yield",
                     [Terminator, ReturnLike, ParentOneOf<["ExpertsOp"]>]> {
  let summary = "The rows that an expert makes";
  let description = [{
    Ends the body of `transformer.experts`, whose example shows it.
  }];
  let arguments = (ins Transformer_Matrix:$rows);
  let assemblyFormat = "$rows attr-dict `:` type($rows)";
}

#endif // DIALECTS_TRANSFORMER_EXPERTOPS_TD
