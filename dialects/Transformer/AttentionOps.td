// The kinds of attention, and what is added to their scores.
#ifndef DIALECTS_TRANSFORMER_ATTENTIONOPS_TD
#define DIALECTS_TRANSFORMER_ATTENTIONOPS_TD

include "dialects/Transformer/TransformerOpBase.td"

def Transformer_AlibiOp : Transformer_Op<"alibi", [InferTypeOpAdaptor]> {
  let summary = "A bias of attention's scores that falls evenly with distance";
  let description = [{
    A row for each head and a column for each distance from a query to a key,
    from -reach to reach, or to 0 with `causal` (Press et al. 2022):

        result[h,c] = -slopes[h] * |c - reach|

    The bias of `transformer.attention`; `transformer.relative` is the learned
    one.

    Constraints: (c1) the slopes are finite, and there are some; (c2) the reach
    is not negative.

    Example: 2 heads in a context of 16.

    ```mlir
    %b = transformer.alibi causal slopes = [0.0625, 0.00390625] reach = 15
        : tensor<2x16xf32>
    ```
  }];
  let arguments = (ins UnitAttr:$causal, DenseF64ArrayAttr:$slopes,
                       Transformer_Size:$reach);
  let results = (outs Transformer_Table:$result);
  let assemblyFormat = [{
    (`causal` $causal^)? `slopes` `=` $slopes `reach` `=` $reach attr-dict
    `:` type($result)
  }];
  let hasVerifier = 1;
}

def Transformer_RelativeOp : Transformer_Op<"relative", [InferTypeOpAdaptor]> {
  let summary = "A learned bias of attention's scores by bucket of distance";
  let description = [{
    A row for each head and a column for each distance r from a query to a key,
    from -reach to reach, or to 0 with `causal` (Raffel et al. 2020):

        result[h,c] = table[bucket(c - reach),h]

    The B rows of the table are for keys up to the query's own position with
    `causal`; else the first half is, and the other half for later keys. Of n
    buckets on a side, those below e = n/2 (rounded down) are for one distance
    each, the others grow evenly in the logarithm:

        bucket = |r| < e ? |r|
                         : min(e + floor(log(|r|/e) / log(reach/e) * (n-e)), n-1)

    Every distance from reach on is in a side's last bucket.

    Constraints: (c1) there are from 2 to 256 buckets on a side, and as many on
    both; (c2) the reach is above n/2.

    Example: T5, encoder and decoder.

    ```mlir
    %a = transformer.relative %table reach = 128 : tensor<32x8xf32>
    %b = transformer.relative causal %table reach = 128 : tensor<32x8xf32>
    ```
  }];
  let arguments = (ins UnitAttr:$causal, Transformer_Table:$table,
                       Transformer_Size:$reach);
  let results = (outs Transformer_Table:$result);
  let assemblyFormat = [{
    (`causal` $causal^)? $table `reach` `=` $reach attr-dict `:` type($table)
  }];
  let hasVerifier = 1;
}

def Transformer_AttentionOp : Transformer_Op<"attention", [InferTypeOpAdaptor]> {
  let summary = "Scaled dot-product attention with grouped keys and values";
  let description = [{
    Lets every row average the value rows of its sequence, weighted by how well
    its query matches their keys. With r a row, s the rows it sees, head h of H:

        result[r,h,:] = sum_s softmax_s(score[r,h,s]) * v[s,g(h),:]
        score[r,h,s]  = cap(scale * dot(q[r,h,:], k[s,g(h),:])) + bias(h, p(s) - p(r))

    q is [?, H*D], k is [?, G*D], v is [?, G*E] and the result [?, H*E], one head
    after the other. `g(h)` = h * G / H, rounded down, maps the H heads onto the
    G key/value heads: G = H is multi-head, G = 1 multi-query, anything between
    grouped-query attention. A row sees the rows of its own sequence, those of
    earlier steps included; with a `causal` mask only those up to its own
    position. With `window = w` it sees only those from position
    p - (p mod L) - w + 1 on, and without a mask up to p - (p mod L) + L + w - 2,
    where the `segment` L is 1 if none is said: the last w of them, itself
    included, or those of its segment of L rows and w - 1 beside it (Dai et al.
    2019). With `sinks = n` it sees the first n rows of the sequence, too (Xiao
    et al. 2024), and with `global` these n rows see all (Beltagy et al. 2020).
    A `prefix` mask is the causal one, but the rows of a sequence's prefix see
    all of it; how many rows that are is part of `rows`.
    `cap(x)` is `softcap * tanh(x / softcap)`, or x without `softcap`.

    `bias` has a row for each head and a column for each distance p(s) - p(r)
    of the rows' positions: the last one is for 0 with a `causal` mask, the
    middle one else. The outermost columns are for all distances beyond, too.
    Without it nothing is added.
    With `tap` the caller may have the weights softmax_s(score) too, under that
    name: 0 for rows that are not seen. With `tap_scores` likewise the scores,
    -inf for these.

    With `random = R` a row sees, too, R of the segments that the window and the
    `global` rows do not give whole (Zaheer et al. 2020), or all of them if they
    are fewer. In a sequence of n segments, of which the last may be shorter,
    these are for segment x, with a = sinks / L (0 without) and w = (window - 1)
    / L rounded down, in ascending order a <= c < x - w and max(x + w + 1, a) <=
    c < n. Of C such candidates, numbered from 0, draw i of the D = min(R, C)
    takes number t = u mod (C - D + i + 1), or, where an earlier draw has that
    one, number C - D + i (Floyd's way to draw without replacement). u is output
    ((rho * G + g) * 2^40 + x * R + i), counted from 0, of splitmix64 started at
    `seed`, all modulo 2^64, for the head of keys g and repetition rho of the
    loops around, counted through:

        z = seed + (number + 1) * 0x9e3779b97f4a7c15
        z = (z xor z >> 30) * 0xbf58476d1ce4e5b9
        z = (z xor z >> 27) * 0x94d049bb133111eb
        u = z xor z >> 31

    Says nothing about tiling, layout or the cache.

    Constraints: (c1) heads and kv_heads are positive, and heads is a multiple of
    kv_heads; (c2) the width of q is a multiple of heads; (c3) the width of k is
    kv_heads times the head size of q; (c4) the width of v is a multiple of
    kv_heads; (c5) window, segment and sinks are positive, the
    latter two need a window, which no `prefix` has, and `global` needs sinks and the mask
    `none`; (c6) scale is finite, softcap finite and positive; (c7) the bias has a row for each
    head, and without a `causal` mask an odd number of columns; (c8) random is from
    1 to 256, with a segment and the mask `none`, seed not negative, and 0 without
    random.

    Example: 8 heads of 64 share 2 heads of keys and values; 2 heads with ALiBi; segments
    of 64 rows that see themselves, a row before them and 3 others.

    ```mlir
    %o = transformer.attention causal %q, %k, %v, %rows heads = 8 kv_heads = 2
        scale = 0.125 window = 128
        : tensor<?x512xf32>, tensor<?x128xf32>, tensor<?x64xf32>
    %b = transformer.alibi causal slopes = [0.0625, 0.00390625] reach = 15
        : tensor<2x16xf32>
    %a = transformer.attention causal %x, %x, %x, %rows bias %b heads = 2
        kv_heads = 2 scale = 0.5 : tensor<?x8xf32>, tensor<?x8xf32>,
        tensor<?x8xf32>, tensor<2x16xf32>
    %r = transformer.attention none %x, %x, %x, %rows heads = 2 kv_heads = 2
        scale = 0.5 window = 2 segment = 64 random = 3 seed = 7
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_MaskAttr:$mask, Transformer_Matrix:$q,
                       Transformer_Matrix:$k, Transformer_Matrix:$v,
                       Transformer_Rows:$rows, Optional<Transformer_Table>:$bias,
                       Transformer_Size:$heads,
                       Transformer_Size:$kv_heads, Transformer_Real:$scale,
                       OptionalAttr<Transformer_Size>:$window,
                       OptionalAttr<Transformer_Size>:$segment,
                       OptionalAttr<Transformer_Size>:$sinks,
                       UnitAttr:$global,
                       OptionalAttr<Transformer_Size>:$random,
                       DefaultValuedAttr<Transformer_Size, "0">:$seed,
                       OptionalAttr<Transformer_Real>:$softcap,
                       OptionalAttr<StrAttr>:$tap,
                       OptionalAttr<StrAttr>:$tap_scores);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $mask $q `,` $k `,` $v `,` $rows (`bias` $bias^)? `heads` `=` $heads
    `kv_heads` `=` $kv_heads `scale` `=` $scale (`window` `=` $window^)?
    (`segment` `=` $segment^)? (`sinks` `=` $sinks^)? (`global` $global^)?
    (`random` `=` $random^)? (`seed` `=` $seed^)? (`softcap` `=` $softcap^)?
    (`tap` `=` $tap^)? (`tap_scores` `=` $tap_scores^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v) (`,` type($bias)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_ScoreAttentionOp
    : Transformer_Op<"score_attention", [InferTypeOpAdaptor]> {
  let summary = "Attention whose weights are the scores themselves, no softmax";
  let description = [{
    As `transformer.attention`, with another way from scores to weights:

        result[r,h,:] = sum_s weight[r,h,s] * v[s,g(h),:] / norm[r,h]
        score[r,h,s]  = scale * dot(q[r,h,:], k[s,g(h),:])

        linear: weight = score
        relu:   weight = max(score, 0)
        hard:   weight = 1 / n for the n rows with the highest score, else 0

    and norm is 1 with `none`, the sum of the row's weights with `rows` (where
    that is 0, so is the result), the number of rows seen with `number`. With
    `but_last` nobody sees the last row of a sequence; a row that sees no row
    has the result 0.

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) scale is
    finite; (c6) `hard` has `none`: it is a mean already; (c7) `but_last` needs
    the mask `none`; (c8) the mask is no `prefix`.

    Example: one step of gradient descent in context; a count of matching rows.

    ```mlir
    %a = transformer.score_attention linear none %x, %x, %x, %rows heads = 2
        kv_heads = 2 scale = 1.0 normalise = number but_last
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    %b = transformer.score_attention relu causal %x, %x, %x, %rows heads = 2
        kv_heads = 2 scale = 1.0
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    ```
  }];
  let arguments = (ins Transformer_ScoresAttr:$scores, Transformer_MaskAttr:$mask,
                       Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Transformer_Rows:$rows,
                       Transformer_Size:$heads, Transformer_Size:$kv_heads,
                       Transformer_Real:$scale,
                       DefaultValuedAttr<Transformer_NormaliseAttr,
                         "::transformer::Normalise::None">:$normalise,
                       UnitAttr:$but_last);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    `` $scores `` $mask $q `,` $k `,` $v `,` $rows `heads` `=` $heads
    `kv_heads` `=` $kv_heads `scale` `=` $scale (`normalise` `=` `` $normalise^)?
    (`but_last` $but_last^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

def Transformer_GridAttentionOp
    : Transformer_Op<"grid_attention", [InferTypeOpAdaptor]> {
  let summary = "Attention within the square tiles of a grid of rows";
  let description = [{
    As `transformer.attention` with the mask `none`, of sequences whose rows are
    the places of a grid, row (y, x) of [height, width] being number y*width + x.
    A row sees those of its own tile alone:

        result[r,h,:] = sum_s softmax_s(score[r,h,s]) * v[s,g(h),:]
        score[r,h,s]  = scale * dot(q[r,h,:], k[s,g(h),:]) + table[offset(r,s),h]
        s is seen by r where tile(y(s)) = tile(y(r)) and tile(x(s)) = tile(x(r))
        tile(n) = floor((n - shift) / T)
        offset(r,s) = (y(r) - y(s) + T-1) * (2T-1) + x(r) - x(s) + T-1

    T is `tile`, the side of a tile; those that the grid's edges cut through are
    smaller. With Liu et al. 2021 these are windows, cyclically shifted, where
    rows from opposite edges do not see each other. Without a table nothing is
    added.

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) the grid
    has a height and a width, from 1 to 65,536, and `tile`, from 1 to 256,
    divides them; (c6) the shift is from 0 to below `tile`; (c7) scale is finite;
    (c8) the table has (2T-1)^2 rows and a column for each head.

    Example: a head over 8 x 4 rows, whose first whole tiles of 4 x 4 begin in
    the third row and column.

    ```mlir
    %y = transformer.grid_attention %x, %x, %x table %offsets grid = [8, 4]
        tile = 4 shift = 2 heads = 1 kv_heads = 1 scale = 0.35
        : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<49x1xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Optional<Transformer_Table>:$table,
                       DenseI64ArrayAttr:$grid, Transformer_Size:$tile,
                       DefaultValuedAttr<Transformer_Size, "0">:$shift,
                       Transformer_Size:$heads, Transformer_Size:$kv_heads,
                       Transformer_Real:$scale);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`table` $table^)? `grid` `=` $grid `tile` `=` $tile
    (`shift` `=` $shift^)? `heads` `=` $heads `kv_heads` `=` $kv_heads
    `scale` `=` $scale attr-dict
    `:` type($q) `,` type($k) `,` type($v) (`,` type($table)^)?
  }];
  let hasVerifier = 1;
}

def Transformer_CrossAttentionOp
    : Transformer_Op<"cross_attention", [InferTypeOpAdaptor]> {
  let summary = "Attention over other rows: an encoder's, or made of its own";
  let description = [{
    As `transformer.attention` with the mask `none`, but the rows s that row r
    sees are those that the encoder made of the source of r's sequence, or that
    `transformer.unfold` or `transformer.mix` made of r's sequence itself, all of
    them. Keys and values are maps of these rows, and there may be more or fewer
    of them than there are rows of queries:

        result[r,h,:] = sum_s softmax_s(score[r,h,s]) * v[s,g(h),:]
        score[r,h,s]  = cap(scale * dot(q[r,h,:], k[s,g(h),:]))

    `rows` are those of q, `source` those of k and v; sequence number n of the
    one reads sequence number n of the other. `tap` and `tap_scores` are as those
    of `transformer.attention`.

    Constraints: (c1) to (c4) as those of `transformer.attention`; (c5) scale is
    finite, softcap finite and positive.

    Example: two heads over a source, which share their keys.

    ```mlir
    %y = transformer.cross_attention %x, %keys, %keys, %rows, %source heads = 2
        kv_heads = 1 scale = 0.5
        : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
    ```
  }];
  let arguments = (ins Transformer_Matrix:$q, Transformer_Matrix:$k,
                       Transformer_Matrix:$v, Transformer_Rows:$rows,
                       Transformer_Rows:$source, Transformer_Size:$heads,
                       Transformer_Size:$kv_heads, Transformer_Real:$scale,
                       OptionalAttr<Transformer_Real>:$softcap,
                       OptionalAttr<StrAttr>:$tap,
                       OptionalAttr<StrAttr>:$tap_scores);
  let results = (outs Transformer_Matrix:$result);
  let assemblyFormat = [{
    $q `,` $k `,` $v `,` $rows `,` $source `heads` `=` $heads
    `kv_heads` `=` $kv_heads `scale` `=` $scale (`softcap` `=` $softcap^)?
    (`tap` `=` $tap^)? (`tap_scores` `=` $tap_scores^)? attr-dict
    `:` type($q) `,` type($k) `,` type($v)
  }];
  let hasVerifier = 1;
}

#endif // DIALECTS_TRANSFORMER_ATTENTIONOPS_TD
