//! The plan of the FAPI 2.0 Security Profile, with OpenID Connect and without.

use super::{Module, plan};
use crate::conformance::{fapi2::Fapi, modules};

macro_rules! fapi2 {
    ($tests:ident, $plan:literal, $how:expr, [$($openid:ident),*]) => {
        plan!($tests, $plan, $how, "fapi2_security_profile_final_", [
            discovery_end_point_verification, happy_flow, user_rejects_authentication, ensure_authorization_request_without_state_success, $($openid,)* ensure_different_state_inside_and_outside_request_object, ensure_authorization_request_with_long_state, state_only_outside_request_object_not_used, ensure_request_object_without_redirect_uri_fails, plain_fapi_tolerate_unregistered_redirect_uri, ensure_unsigned_authorization_request_without_using_par_fails, ensure_redirect_uri_in_authorization_request, ensure_response_type_code_idtoken_fails, ensure_response_type_token_fails, par_ensure_reused_request_uri_prior_to_auth_completion_succeeds, par_attempt_reuse_request_uri, par_attempt_to_use_expired_request_uri, par_attempt_to_use_request_uri_for_different_client, par_authorization_request_containing_request_uri_form_param, par_attempt_invalid_http_method, par_ensure_pkce_required, par_plain_pkce_rejected, par_without_duplicate_parameters,
            access_token_type_header_case_sensitivity, check_dpop_proof_nbf_exp,
            ensure_dpopproof_with_iat_10seconds_before_succeeds,
            ensure_dpopproof_with_iat_10seconds_after_succeeds, ensure_mismatched_dpop_jkt_fails,
            ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt,
            ensure_token_endpoint_fails_with_mismatched_dpop_jkt,
            ensure_dpopproof_at_par_endpoint_binding_success, ensure_dpop_auth_code_binding_success,
            ensure_client_id_in_token_endpoint, ensure_holder_of_key_required,
            ensure_authorization_code_is_bound_to_client,
            attempt_reuse_authorization_code_after_one_second,
            ensure_token_endpoint_fails_with_expired_auth_code,
            ensure_signed_client_assertion_with_rs256_fails,
            ensure_client_assertion_in_token_endpoint,
            ensure_client_assertion_with_exp_is_5_minutes_in_past_fails,
            ensure_client_assertion_with_wrong_aud_fails, ensure_client_assertion_with_no_sub_fails,
            dpop_negative_tests, refresh_token,
            par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted,
            par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails,
            ensure_pkce_code_verifier_required, incorrect_pkce_code_verifier_rejected,
            par_test_array_as_audience_fails, par_test_par_endpoint_url_as_audience_fails,
            par_test_token_endpoint_url_as_audience_fails,
        ]);
    };
}

fapi2! {
    fapi2_openid_connect, "fapi2-security-profile-final-test-plan", Fapi { openid: true }, [
        ensure_authorization_request_without_nonce_success,
        ensure_authorization_request_with_64_char_nonce_success,
        ensure_authorization_request_with_long_nonce, ensure_other_scope_order_succeeds,
        test_claims_parameter_identity_claims,
        ensure_different_nonce_inside_and_outside_request_object
    ]
}
fapi2! {
    fapi2_plain_oauth, "fapi2-security-profile-final-test-plan", Fapi { openid: false }, [

    ]
}
