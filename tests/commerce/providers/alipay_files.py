"""Alipay's bills as its documentation and those who read them have them: no real one was seen by whoever wrote this."""

import io
import zipfile
from collections.abc import Iterable

HEADING = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
SUMS = (
    "#支付宝业务汇总查询\r\n"
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,"
    "卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）\r\n"
    "合计\t,\t,1,0,128.00,128.00,0.00,0.00,0.00,-0.77,0.00,127.23\r\n"
)


class GbkName(zipfile.ZipInfo):
    """A name in GBK, without the word that it is UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits


def row(
    trade: str,
    order: str,
    amount: str,
    *,
    fee: str = "0.00",
    refund: str = "",
    goods: str = "会费 2026",
    done: str = "2026-05-01 10:34:56",
    received: str = "",
    coupon: str = "",
) -> str:
    """A payment, or where `refund` names one a refund: signed as in the files of these years."""
    kind, got = "退款" if refund else "交易", received or amount
    return (
        f"{trade}\t,{order}\t,{kind}\t,{goods},2026-05-01 10:30:00,{done},\t,\t,\t,\t,**海(138******78)\t,{amount},{got},"
        f"0.00,0.00,0.00,0.00,0.00,{coupon},0.00\t,0.00,{refund}\t,{fee},0.00,"
    )


def table(rows: Iterable[str], heading: str = HEADING) -> str:
    return "\r\n".join(
        [
            "#支付宝业务明细查询",
            "#账号：[20880000000000010156]",
            "#起始日期：[2026年05月01日 00:00:00]   终止日期：[2026年05月02日 00:00:00]",
            "#-----------------------------------------业务明细列表----------------------------------------",
            heading,
            *rows,
            "#-----------------------------------------业务明细列表结束------------------------------------",
            "#交易合计：1笔，商家实收共128.00元，商家优惠共0.00元",
            "#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元",
            "#导出时间：[2026年05月02日 06:27:10]",
            "",
        ]
    )


def zipped(*tables: str, encoding: str = "gbk") -> bytes:
    """The tables, and that of their sums."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, one in enumerate(tables):
            name = GbkName(f"20880000000000010156_20260501_业务明细{n or ''}.csv")
            archive.writestr(name, one.encode(encoding), zipfile.ZIP_DEFLATED)
        sums = GbkName("20880000000000010156_20260501_业务明细(汇总).csv")
        archive.writestr(sums, SUMS.encode(encoding), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def bill(rows: Iterable[str]) -> bytes:
    return zipped(table(rows))
