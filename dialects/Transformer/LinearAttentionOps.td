// What keeps sums over rows or the last rows alone: attention by running sums,
// the features that stand in for softmax, short convolutions.
#ifndef DIALECTS_TRANSFORMER_LINEARATTENTIONOPS_TD
#define DIALECTS_TRANSFORMER_LINEARATTENTIONOPS_TD

include "dialects/Transformer/TransformerOpBase.td"

def Transformer_RandomFeaturesOp
    : Transformer_Op<"random_features", [InferTypeOpAdaptor]> {
  let summary = "Positive features of each head, whose products estimate softmax weights";
  let description = [{
    With heads of D columns and a weight [N, D] that all of them share, where
    y[r,h,:] = x[r,h,:] / D^(1/4),

        result[r,h*N+n] = exp(dot(weight[n,:], y[r,h,:]) - |y[r,h,:]|^2 / 2) / sqrt(N)

    Where the rows of the weight are drawn from the standard normal distribution,
    the product of the features of q and of k has the expectation
    exp(dot(q, k) / sqrt(D)), and its error falls as 1 / sqrt(N) (Choromanski et
    al. 2021, FAVOR+).

    With `relative` the features of a head are those times a number, such that
    the largest is 1: queries that are divided by the sum of their weights may be
    so, whatever their size. Keys may not, whose sums go over rows. Their features
    are at most exp(|weight[n,:]|^2 / 2) / sqrt(N), and f32 holds them where
    |weight[n,:]|^2 is below 176; keys with |y|^2 above some 170 have features
    that are next to 0.

    Constraints: (c1) heads is positive and divides the width of x; (c2) a head
    has as many columns as the weight.

    Example: two heads of 4 columns, 5 features of each.

    ```mlir
    %q = transformer.random_features %x, %features relative heads = 2
        : tensor<?x8xf32>, tensor<5x4xf32>
    %k = transformer.random_features %x, %features heads = 2
        : tensor<?x8xf32>, tensor<5x4xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Table:$weight,
                       UnitAttr:$relative, Transformer_Size:$heads);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $x `,` $weight (`relative` $relative^)? `heads` `=` $heads attr-dict
    `:` type($x) `,` type($weight)
  }];
  let hasVerifier = 1;
}

def Transformer_LinearAttentionOp
    : Transformer_Op<"linear_attention", [InferTypeOpAdaptor,
                                          AttrSizedOperandSegments]> {
  let summary = "Attention by a running sum over the rows, which sessions keep";
  let description = [{
        S[r,g] = sum_s k[s,g,:]^T v[s,g,:]       over the rows s that row r sees
        z[r,g] = sum_s k[s,g,:]
        result[r,h,:] = q[r,h,:] S[r,g(h)] / norm[r,h]

    and norm is 1 with `none`, dot(q[r,h,:], z[r,g(h)]) with `rows` (where that is
    0, so is the result), the number of rows seen with `number`. Letters and masks
    are those of `transformer.attention`.

    That is `transformer.score_attention` with linear scores and scale 1, by other
    means: what a sequence leaves behind is S and z, however long it is.

    With `decay`, a[r,g] is decay[r,g], or decay[g] of a vector, for all rows, and

        S[r,g] = a[r,g] S[r-1,g] + k[r,g,:]^T v[r,g,:]
        z[r,g] = a[r,g] z[r-1,g] + k[r,g,:]

    Vectors are the retention of RetNet (Sun et al. 2023), rows that are sigmoids
    of a map of the input are gated retention (Sun et al. 2024) and, with
    exp(-softplus(x)) = sigmoid(-x), the scalar decay of Mamba-2 (Dao and Gu 2024).

    With `delta`, b[r,g], the sums take of a row what they do not answer to its
    key yet, the delta rule (Schlag et al. 2021; with decay Yang et al. 2024,
    Gated DeltaNet):

        S[r,g] = a[r,g] S[r-1,g] + b[r,g] k[r,g,:]^T (v[r,g,:] - k[r,g,:] a[r,g] S[r-1,g])

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) a decay
    comes with the mask `causal`, and with `none` or `rows`; (c6) it has a column,
    or as a vector a value, for each of the kv_heads; (c7) a delta comes with
    `causal` and `none`, and has a column for each of the kv_heads.

    Example: Katharopoulos et al. 2020, of queries and keys with a feature map;
    two heads whose sums decay, and follow the delta rule.

    ```mlir
    %f = transformer.activation elu_plus_one %x : tensor<?x8xf32>
    %y = transformer.linear_attention causal rows %f, %f, %x, %rows heads = 2
        kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    %z = transformer.linear_attention causal none %x, %x, %x, %rows decay %d
        heads = 2 kv_heads = 2
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
    %u = transformer.linear_attention causal none %x, %x, %x, %rows decay %d
        delta %share : tensor<?x2xf32> heads = 2 kv_heads = 2
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
    ```
  }];
  let arguments = (ins Transformer_MaskAttr:$mask,
                       Transformer_NormaliseAttr:$normalise,
                       Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Transformer_Rows:$rows,
                       Optional<AnyTypeOf<[Transformer_Matrix,
                                           Transformer_Vector]>>:$decay,
                       Optional<Transformer_Matrix>:$delta,
                       Transformer_Size:$heads, Transformer_Size:$kv_heads);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $mask `` $normalise $q `,` $k `,` $v `,` $rows (`decay` $decay^)?
    (`delta` $delta^ `:` type($delta))? `heads` `=` $heads `kv_heads` `=` $kv_heads
    attr-dict `:` type($q) `,` type($k) `,` type($v) (`,` type($decay)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_ShortConvOp : Transformer_RowwiseOp<"short_conv"> {
  let summary = "Weighs each row with those before it, each column with weights of its own";
  let description = [{
    With weights for P rows, those before the sequence's first being 0,

        result[r,c] = bias[c] + sum_p weight[c,p] * x[r-(P-1)+p,c]    (p ascending)

    `transformer.depthwise` of windows that end with their row: no later row is
    seen, so that a sequence may be continued, of which its last P - 1 rows are
    kept (Dao et al. 2023, H3). Without a bias nothing is added. Weights are f32.

    Constraints: (c1) the weight has a row for each column of x; (c2) it weighs 2
    rows or more; (c3) the bias has as many values as x columns.

    Example: each row with the two before it.

    ```mlir
    %y = transformer.short_conv %x, %three, %rows bias %w
        : tensor<?x8xf32>, tensor<8x3xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$x, Transformer_Table:$weight,
                       Transformer_Rows:$rows, Optional<Transformer_Vector>:$bias);
  let assemblyFormat = [{
    $x `,` $weight `,` $rows (`bias` $bias^)? attr-dict
    `:` type($x) `,` type($weight) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_TRANSFORMER_LINEARATTENTIONOPS_TD
