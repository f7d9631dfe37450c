"""The steps of a sign-in that are TPS's own."""

from allauth.mfa import stages

SECOND_FACTOR_DONE = "second_factor_done"


class AuthenticateStage(stages.AuthenticateStage):
    """Ask for the second factor of TPS, unless ProConnect vouches for one in this very sign-in."""

    def _should_handle(self, request) -> bool:
        if self.login.state.get(SECOND_FACTOR_DONE):
            return False
        return super()._should_handle(request)
