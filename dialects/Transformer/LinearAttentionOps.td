// Attention by running sums, and the features that stand in for softmax.
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
    : Transformer_Op<"linear_attention", [InferTypeOpAdaptor]> {
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

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) a decay
    comes with the mask `causal`, and with `none` or `rows`; (c6) it has a column,
    or as a vector a value, for each of the kv_heads.

    Example: Katharopoulos et al. 2020, of queries and keys with a feature map;
    two heads whose sums decay.

    ```mlir
    %f = transformer.activation elu_plus_one %x : tensor<?x8xf32>
    %y = transformer.linear_attention causal rows %f, %f, %x, %rows heads = 2
        kv_heads = 2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    %z = transformer.linear_attention causal none %x, %x, %x, %rows decay %d
        heads = 2 kv_heads = 2
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<2xf32>
    ```
  }];
  let arguments = (ins Transformer_MaskAttr:$mask,
                       Transformer_NormaliseAttr:$normalise,
                       Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Transformer_Rows:$rows,
                       Optional<AnyTypeOf<[Transformer_Matrix,
                                           Transformer_Vector]>>:$decay,
                       Transformer_Size:$heads, Transformer_Size:$kv_heads);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $mask `` $normalise $q `,` $k `,` $v `,` $rows (`decay` $decay^)?
    `heads` `=` $heads `kv_heads` `=` $kv_heads attr-dict
    `:` type($q) `,` type($k) `,` type($v) (`,` type($decay)^)?
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_TRANSFORMER_LINEARATTENTIONOPS_TD
