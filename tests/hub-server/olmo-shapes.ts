/** config.json of the real checkpoints' shapes, for made-up weights. */

/** `allenai/OLMo-2-0425-1B` */
export const OLMO_2_1B = {
  architectures: ['Olmo2ForCausalLM'],
  model_type: 'olmo2',
  hidden_size: 2048,
  intermediate_size: 8192,
  num_hidden_layers: 16,
  num_attention_heads: 16,
  num_key_value_heads: 16,
  vocab_size: 100352,
  max_position_embeddings: 4096,
  rms_norm_eps: 1e-6,
  rope_theta: 500000,
  rope_scaling: null,
  hidden_act: 'silu',
  attention_bias: false,
  tie_word_embeddings: false,
  eos_token_id: 100257,
  pad_token_id: 100277,
} as const;

/** `allenai/Olmo-3-1025-7B` in stages 1 and 2: a context of 8,192, no YaRN */
export const OLMO_3_7B = {
  architectures: ['Olmo3ForCausalLM'],
  model_type: 'olmo3',
  hidden_size: 4096,
  intermediate_size: 11008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 32,
  vocab_size: 100278,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-6,
  rope_theta: 500000,
  rope_scaling: null,
  hidden_act: 'silu',
  attention_bias: false,
  tie_word_embeddings: false,
  sliding_window: 4096,
  layer_types: Array.from({ length: 32 }, (_, layer) =>
    (layer + 1) % 4 === 0 ? 'full_attention' : 'sliding_attention',
  ),
  eos_token_id: 100257,
  pad_token_id: 100277,
};

/** OLMo 3 in small, for tests that want made-up weights in several shards. */
export const OLMO_3_SMALL = {
  ...OLMO_3_7B,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 512,
  max_position_embeddings: 256,
  sliding_window: 16,
  layer_types: OLMO_3_7B.layer_types.slice(0, 4),
  eos_token_id: 0,
  pad_token_id: 1,
};
