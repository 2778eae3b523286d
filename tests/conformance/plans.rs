//! Plans: which modules each plan runs, and how. A module is one line here and one test.

mod fapi2;

use super::{Variant, modules};

/// A module of a plan, for the table.
pub struct Module {
    pub plan: &'static str,
    pub name: &'static str,
}

/// Makes a test of each module, and a list of them.
macro_rules! plan {
    ($tests:ident, $plan:literal, $how:expr, $prefix:literal, [$($module:ident),* $(,)?]) => {
        pub mod $tests {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $module() {
                    modules::$module($how).await;
                }
            )*

            pub const MODULES: &[super::Module] = &[
                $(super::Module { plan: $plan, name: concat!($prefix, stringify!($module)) },)*
            ];
        }
    };
}

use plan;

const CODE: Variant = Variant::of("code");

plan! {
    config, "oidcc-config-certification-test-plan", CODE, "", [
        oidcc_discovery_endpoint_verification
    ]
}

macro_rules! basic {
    ($tests:ident, $plan:literal, $how:expr) => {
        plan! { $tests, $plan, $how, "", [
            oidcc_server, oidcc_response_type_missing, oidcc_idtoken_signature,
            oidcc_userinfo_get, oidcc_userinfo_post_header,
            oidcc_userinfo_post_body,
            oidcc_ensure_request_without_nonce_succeeds_for_code_flow,
            oidcc_scope_profile, oidcc_scope_email, oidcc_scope_address,
            oidcc_scope_phone, oidcc_scope_all, oidcc_alternate_happy_flow,
            oidcc_codereuse, oidcc_codereuse_30seconds,
            oidcc_ensure_registered_redirect_uri,
            oidcc_ensure_post_request_succeeds, oidcc_server_client_secret_post,
            oidcc_claims_essential, oidcc_refresh_token,
            oidcc_ensure_request_with_valid_pkce_succeeds, oidcc_display_page,
            oidcc_display_popup, oidcc_prompt_login,
            oidcc_prompt_none_not_logged_in, oidcc_prompt_none_logged_in,
            oidcc_max_age_1, oidcc_max_age_10000,
            oidcc_ensure_request_with_unknown_parameter_succeeds,
            oidcc_id_token_hint, oidcc_login_hint, oidcc_ui_locales,
            oidcc_claims_locales, oidcc_ensure_request_with_acr_values_succeeds,
            oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
            oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
            oidcc_ensure_request_object_with_redirect_uri
        ] }
    };
}

basic! { basic, "oidcc-basic-certification-test-plan", CODE }
basic! { form_post_basic, "oidcc-formpost-basic-certification-test-plan", CODE.by_form_post() }

macro_rules! implicit {
    ($tests:ident, $plan:literal, $how:expr) => {
        plan! { $tests, $plan, $how, "", [
            oidcc_server, oidcc_idtoken_signature,
            oidcc_ensure_request_without_nonce_fails, oidcc_scope_profile,
            oidcc_scope_email, oidcc_scope_address, oidcc_scope_phone,
            oidcc_scope_all, oidcc_alternate_happy_flow,
            oidcc_ensure_registered_redirect_uri, oidcc_claims_essential,
            oidcc_display_page, oidcc_display_popup, oidcc_prompt_login,
            oidcc_prompt_none_not_logged_in, oidcc_prompt_none_logged_in,
            oidcc_max_age_1, oidcc_max_age_10000,
            oidcc_ensure_request_with_unknown_parameter_succeeds,
            oidcc_id_token_hint, oidcc_login_hint, oidcc_ui_locales,
            oidcc_claims_locales, oidcc_ensure_request_with_acr_values_succeeds,
            oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
            oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
            oidcc_ensure_request_object_with_redirect_uri
        ] }
    };
}

macro_rules! implicit_with_token {
    ($tests:ident, $plan:literal, $how:expr) => {
        plan! { $tests, $plan, $how, "", [
            oidcc_userinfo_get, oidcc_userinfo_post_header,
            oidcc_userinfo_post_body, oidcc_response_type_missing
        ] }
    };
}

const ID_TOKEN: Variant = Variant::of("id_token");
const ID_TOKEN_TOKEN: Variant = Variant::of("id_token token");

implicit! { implicit_id_token, "oidcc-implicit-certification-test-plan", ID_TOKEN }
implicit! { implicit_id_token_token, "oidcc-implicit-certification-test-plan", ID_TOKEN_TOKEN }
implicit_with_token! { implicit_once, "oidcc-implicit-certification-test-plan", ID_TOKEN_TOKEN }
implicit! {
    form_post_id_token, "oidcc-formpost-implicit-certification-test-plan",
    ID_TOKEN.by_form_post()
}
implicit! {
    form_post_id_token_token, "oidcc-formpost-implicit-certification-test-plan",
    ID_TOKEN_TOKEN.by_form_post()
}
implicit_with_token! {
    form_post_implicit_once, "oidcc-formpost-implicit-certification-test-plan",
    ID_TOKEN_TOKEN.by_form_post()
}

macro_rules! hybrid {
    ($tests:ident, $plan:literal, $how:expr, [$($nonce:ident),*]) => {
        plan!($tests, $plan, $how, "", [
            oidcc_server, oidcc_response_type_missing, oidcc_idtoken_signature, oidcc_userinfo_get, oidcc_userinfo_post_header, oidcc_userinfo_post_body, $($nonce,)* oidcc_scope_profile, oidcc_scope_email, oidcc_scope_address, oidcc_scope_phone, oidcc_scope_all, oidcc_codereuse, oidcc_codereuse_30seconds, oidcc_ensure_registered_redirect_uri, oidcc_server_client_secret_post, oidcc_claims_essential, oidcc_refresh_token,
            oidcc_display_page, oidcc_display_popup, oidcc_prompt_login,
            oidcc_prompt_none_not_logged_in, oidcc_prompt_none_logged_in, oidcc_max_age_1,
            oidcc_max_age_10000, oidcc_ensure_request_with_unknown_parameter_succeeds,
            oidcc_id_token_hint, oidcc_login_hint, oidcc_ui_locales, oidcc_claims_locales,
            oidcc_ensure_request_with_acr_values_succeeds,
            oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported,
            oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
            oidcc_ensure_request_object_with_redirect_uri,
        ]);
    };
}

const CODE_ID_TOKEN: Variant = Variant::of("code id_token");
const CODE_TOKEN: Variant = Variant::of("code token");
const CODE_ID_TOKEN_TOKEN: Variant = Variant::of("code id_token token");

macro_rules! hybrid_plan {
    ($plan:literal, $how:expr, $one:ident, $two:ident, $three:ident, $once:ident) => {
        hybrid! { $one, $plan, $how(CODE_ID_TOKEN), [oidcc_ensure_request_without_nonce_fails] }
        hybrid! { $two, $plan, $how(CODE_TOKEN), [oidcc_ensure_request_without_nonce_succeeds_for_code_flow] }
        hybrid! { $three, $plan, $how(CODE_ID_TOKEN_TOKEN), [oidcc_ensure_request_without_nonce_fails] }
        plan! { $once, $plan, $how(CODE_ID_TOKEN), "", [
            oidcc_alternate_happy_flow,
            oidcc_ensure_request_with_valid_pkce_succeeds
        ] }
    };
}

const fn usual(variant: Variant) -> Variant {
    variant
}

hybrid_plan! {
    "oidcc-hybrid-certification-test-plan", usual, hybrid_code_id_token, hybrid_code_token,
    hybrid_code_id_token_token, hybrid_once
}
hybrid_plan! {
    "oidcc-formpost-hybrid-certification-test-plan", Variant::by_form_post,
    form_post_code_id_token, form_post_code_token, form_post_code_id_token_token,
    form_post_hybrid_once
}

plan! {
    dynamic_code, "oidcc-dynamic-certification-test-plan", CODE.by_key(), "", [
        oidcc_idtoken_rs256, oidcc_userinfo_rs256,
        oidcc_ensure_redirect_uri_in_authorization_request, oidcc_redirect_uri_query_ok,
        oidcc_redirect_uri_query_mismatch, oidcc_redirect_uri_query_added,
        oidcc_redirect_uri_regfrag, oidcc_discovery_endpoint_verification,
        oidcc_registration_logo_uri, oidcc_registration_policy_uri,
        oidcc_registration_tos_uri, oidcc_registration_jwks_uri,
        oidcc_registration_sector_uri, oidcc_registration_sector_bad,
        oidcc_server_rotate_keys, oidcc_refresh_token_rp_key_rotation,
        oidcc_ensure_client_assertion_with_iss_aud_succeeds, oidcc_server,
        oidcc_refresh_token, oidcc_request_uri_unsigned, oidcc_request_uri_signed_rs256,
        oidcc_ensure_request_object_with_redirect_uri
    ]
}

plan! {
    third_party, "oidcc-3rdparty-init-login-certification-test-plan", CODE, "", [
        oidcc_3rd_party_init_login, oidcc_3rd_party_init_login_nohttps
    ]
}

plan! {
    rp_initiated, "oidcc-rp-initiated-logout-certification-test-plan", CODE, "", [
        oidcc_rp_initiated_logout_discovery_endpoint_verification,
        oidcc_rp_initiated_logout, oidcc_rp_initiated_logout_no_state,
        oidcc_rp_initiated_logout_bad_post_logout_redirect_uri,
        oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri,
        oidcc_rp_initiated_logout_modified_id_token_hint,
        oidcc_rp_initiated_logout_bad_id_token_hint,
        oidcc_rp_initiated_logout_no_id_token_hint, oidcc_rp_initiated_logout_no_params,
        oidcc_rp_initiated_logout_only_state,
        oidcc_rp_initiated_logout_no_post_logout_redirect_uri
    ]
}

plan! {
    frontchannel, "oidcc-frontchannel-rp-initiated-logout-certification-test-plan", CODE, "", [
        oidcc_frontchannel_logout_discovery_endpoint_verification,
        oidcc_frontchannel_rp_initiated_logout
    ]
}

plan! {
    backchannel, "oidcc-backchannel-rp-initiated-logout-certification-test-plan", CODE, "", [
        oidcc_backchannel_logout_discovery_endpoint_verification,
        oidcc_backchannel_rp_initiated_logout
    ]
}

/// All of them, in the order of the plans.
pub fn all() -> Vec<&'static Module> {
    let plans: &[&[Module]] = &[
        config::MODULES,
        basic::MODULES,
        implicit_id_token::MODULES,
        implicit_id_token_token::MODULES,
        implicit_once::MODULES,
        hybrid_code_id_token::MODULES,
        hybrid_code_token::MODULES,
        hybrid_code_id_token_token::MODULES,
        hybrid_once::MODULES,
        form_post_basic::MODULES,
        form_post_id_token::MODULES,
        form_post_id_token_token::MODULES,
        form_post_implicit_once::MODULES,
        form_post_code_id_token::MODULES,
        form_post_code_token::MODULES,
        form_post_code_id_token_token::MODULES,
        form_post_hybrid_once::MODULES,
        dynamic_code::MODULES,
        third_party::MODULES,
        rp_initiated::MODULES,
        frontchannel::MODULES,
        backchannel::MODULES,
        fapi2::fapi2_openid_connect::MODULES,
        fapi2::fapi2_plain_oauth::MODULES,
    ];
    plans.iter().copied().flatten().collect()
}
